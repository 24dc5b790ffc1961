// What a browser asks for until the first answer stands, and what that weighs.
import assert from 'node:assert/strict';

import { kDist } from './harness.mjs';
import { firstLoad, totals } from '../../cmake/first_load.mjs';

export const tests = {
  async 'nothing is asked for but what is counted, and that is within its limits'({ open, requests }) {
    await open(); // which waits for the first answer
    const asked = requests.map((path) => path.slice(1) || 'index.html');
    const counted = firstLoad(kDist);
    assert.deepEqual([...asked].sort(), counted.map((row) => row.name).sort());
    for (const { what, gzip, most } of totals(counted)) assert.ok(gzip <= most, `${what}: ${gzip} of ${most} bytes`);
  },
};
