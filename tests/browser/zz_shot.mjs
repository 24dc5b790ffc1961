import { launch, open } from '/work/main/tests/browser/harness.mjs';
import { settled } from '/work/main/tests/browser/bench.mjs';
import { serve } from '/work/main/scripts/serve.mjs';
const [out, w='1280', h='800', theme='light', cmds='[]'] = process.argv.slice(2);
const browser = await launch();
const host = await serve('/work/main/build/web/dist');
const t0=Date.now();
const { page, troubles } = await open(browser, host.url, { viewport: { width: +w, height: +h }, colorScheme: theme });
console.log('ready', Date.now()-t0);
for (const c of JSON.parse(cmds)) { console.log(JSON.stringify(await page.evaluate((c) => window.weightroom.run(c), c))); }
await settled(page);
await page.waitForTimeout(800);
await page.screenshot({ path: out });
const s = await page.evaluate(() => window.weightroom.state());
console.log(JSON.stringify({fp: s.model.fingerprint, p: s.predictions.slice(0,3), f: s.forward_ms, map: s.map, sel: s.selection}));
console.log(troubles);
await browser.close(); await host.close(); process.exit(0);
