// Sizes that are kept, curves that can be taken home, and sets of pictures as visitors have them.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  appears, click, done, download, drop, garments, native, openPage, run, sample, samplePath, state, until, wheelTo, where,
} from './bench.mjs';
import { kRoot } from './harness.mjs';

const kIdx = ['garments-test-images.idx.gz', 'garments-test-labels.idx.gz'];

// The test pictures as the two files a visitor drops, measured by the model that is open.
async function measured(page) {
  for (const name of kIdx) await drop(page, name, '', sample(name));
  await until(page, 'the pair measured', () => window.weightroom.state().measure?.whole === true);
  await done(page);
  return (await state(page)).measure.now.accuracy;
}

// A real folder from the system's hand, no script can make one, and what is measured on it.
async function dropFolder(page, folder) {
  const protocol = await page.context().newCDPSession(page);
  const data = { items: [], files: [folder], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop']) await protocol.send('Input.dispatchDragEvent', { type, x: 300, y: 300, data });
  await until(page, 'the set', () => window.weightroom.state().measure?.whole === true);
  await done(page);
}

export const tests = {
  'what the table promises is what is saved, and opens again to the same accuracy': async ({ open }) => {
    const page = await garments(open);
    await run(page, { command: 'change', operation: 'prune', on: 'all', params: { share: 0.6 } });
    await done(page);
    const pruned = await state(page);
    assert.ok(pruned.edits[0].bytes_after < pruned.edits[0].bytes_before * 0.75, JSON.stringify(pruned.edits[0]));
    await openPage(page, 'size');
    await until(page, 'gzip of every layer and the file', () => window.weightroom.state().size?.file.gzip > 0
      && window.weightroom.state().size.layers.every((row) => row.bytes.gzip > 0 && row.ms !== null));
    const { size } = await state(page);
    assert.ok(size.file.gzip < size.file.fp32 * 0.75, 'zeros pack well');
    assert.equal(size.layers.reduce((sum, row) => sum + row.weights, 0), pruned.model.weights);
    for (const as of ['fp32', 'fp16', 'int8', 'smallest']) {
      const path = await download(page, `save/${as}`);
      assert.equal(readFileSync(path).length, size.file[as], as);
      const at = native('inspect', path, '--json');
      assert.equal(at.weights, pruned.model.weights);
      if (as !== 'smallest') continue;
      assert.equal(at.fingerprint, pruned.model.fingerprint, 'no bit is lost');
      await drop(page, 'mine.safetensors', '', readFileSync(path));
      await until(page, 'the file', (print) => {
        const { model } = window.weightroom.state();
        return model.name === 'mine' && model.fingerprint === print;
      }, pruned.model.fingerprint);
      const { edits, model } = await state(page);
      assert.deepEqual(edits.map((edit) => edit.operation), ['take_weights'], 'what differs from the model as shipped');
      assert.equal(model.loaded_fingerprint, pruned.model.loaded_fingerprint);
      assert.equal(await measured(page), pruned.measure.now.accuracy);
    }
  },

  'curves are drawn, can be stopped, and are saved as numbers and as a picture': async ({ open }) => {
    const page = await garments(open);
    await openPage(page, 'curves');
    await click(page, 'curves/kind/1');
    await until(page, 'the curve of pruning', () => window.weightroom.state().study.curve.kind === 'share');
    await until(page, 'some of it', () => window.weightroom.state().study.curve.accuracy.some((value) => value !== null));
    await click(page, 'study/stop');
    await until(page, 'stopped', () => window.weightroom.state().study.state === 'stopped');
    await click(page, 'study/start');
    await until(page, 'all of it', () => window.weightroom.state().study.state === 'done');
    await done(page);
    const { curve } = (await state(page)).study;
    assert.equal(curve.accuracy[0], (await state(page)).measure.now.accuracy, 'nothing pruned: the model as it is');
    assert.ok(curve.accuracy.every((value) => value !== null));
    assert.ok(curve.accuracy[20] < 0.2 && curve.bytes[20] < curve.bytes[0] / 2);
    await wheelTo(page, 'curves/png');
    const csv = readFileSync(await download(page, 'curves/csv'), 'utf8').trim().split('\n');
    assert.equal(csv[0], 'share,accuracy,loss,bytes');
    assert.equal(csv.length, 22);
    assert.equal(Number(csv[1].split(',')[1]), curve.accuracy[0]);
    const png = readFileSync(await download(page, 'curves/png'));
    assert.equal(png.subarray(1, 4).toString(), 'PNG');
    await appears(page, 'curves/accuracy');
    const plot = await where(page, 'curves/accuracy');
    assert.ok(png.readUInt32BE(16) >= Math.floor(plot.width), 'as wide as it is drawn');
    assert.ok(png.length > 4000, 'and something is drawn in it');
  },

  'the page Difference names the layer where the models part': async ({ open }) => {
    const page = await garments(open);
    await run(page, { command: 'select_layer', layer: 'conv2' });
    await run(page, { command: 'change', operation: 'zero', on: 'conv2.weight[1]' });
    await openPage(page, 'difference');
    await until(page, 'the layers', () => window.weightroom.state().study.difference.layers.length > 0);
    await done(page);
    const { difference } = (await state(page)).study;
    assert.equal(difference.first, 'conv2');
    assert.equal(difference.layers.find((row) => row.layer === 'conv1').relative, 0);
    assert.ok(difference.layers.find((row) => row.layer === 'conv2').relative > 0);
    assert.equal(difference.channels[0].channel, 1);
    await click(page, 'difference/conv1');
    await until(page, 'another layer', () => window.weightroom.state().selection.layer === 'conv1');
  },

  'a folder of class folders, dropped, is a labelled set': async ({ open }) => {
    const { page } = await open();
    await done(page);
    const { labels } = (await state(page)).model;
    const folder = join(mkdtempSync(join(tmpdir(), 'weightroom-')), 'pets');
    for (const label of [labels[0], labels[1], 'unicorn']) {
      mkdirSync(join(folder, label), { recursive: true });
      for (const k of [1, 2]) writeFileSync(join(folder, label, `${k}.jpg`), readFileSync(samplePath('cat.jpg')));
    }
    writeFileSync(join(folder, 'notes.txt'), 'not a picture');
    await dropFolder(page, folder);
    const { measure, notice } = await state(page);
    assert.deepEqual(measure.set.classes.map((row) => [row.name, row.pictures]).sort(), [[labels[0], 2], [labels[1], 2], ['unicorn', 2]].sort());
    assert.equal(measure.now.pictures, 4, 'a class that the model does not know is not counted');
    assert.match(notice, /1 of its 3 classes is not one of the model's/);
    assert.deepEqual(measure.set.unread, { count: 0, kinds: [] });
  },

  'a zip of class folders, dropped, is a labelled set': async ({ open }) => {
    const { page } = await open();
    await done(page);
    const before = (await state(page)).measure;
    await drop(page, 'holiday.zip', 'application/zip', readFileSync(`${kRoot}tests/fuzz/corpus/zip/empty`));
    await until(page, 'a sentence', () => window.weightroom.state().error !== '');
    assert.match((await state(page)).error, /holiday\.zip.*This is a zip archive\. Unpack it/);
    assert.deepEqual((await state(page)).measure, before);
    await drop(page, 'pets.zip', 'application/zip', readFileSync(`${kRoot}tests/fuzz/corpus/zip/macos`));
    await until(page, 'the set', () => window.weightroom.state().measure?.set?.name === 'pets.zip');
    await openPage(page, 'accuracy');
    await done(page);
    const { measure, error } = await state(page);
    assert.equal(error, '');
    assert.deepEqual(measure.set.classes.map((row) => [row.name, row.pictures]), [['cat', 1], ['dog', 1]]);
    assert.equal(measure.now.pictures, 2, 'what macOS leaves in its zips is no picture');
    assert.deepEqual(measure.set.unread, { count: 0, kinds: [] });
  },

  'what of a set cannot be read is said, and the rest is measured': async ({ open }) => {
    const { page } = await open();
    await done(page);
    const { labels } = (await state(page)).model;
    const folder = join(mkdtempSync(join(tmpdir(), 'weightroom-')), 'pets');
    const cat = readFileSync(samplePath('cat.jpg'));
    for (const [path, bytes] of [
      [`${labels[0]}/1.jpg`, cat], [`${labels[0]}/2.jfif`, cat], [`${labels[0]}/3.webp`, Buffer.from('RIFF    WEBP')],
      [`${labels[0]}/more/4.jpe`, cat], [`${labels[1]}/5.jpg`, cat.subarray(0, 900)], ['__MACOSX/._6.jpg', cat],
    ]) {
      mkdirSync(join(folder, path, '..'), { recursive: true });
      writeFileSync(join(folder, path), bytes);
    }
    await dropFolder(page, folder);
    const { measure, notice, error } = await state(page);
    assert.equal(error, '');
    assert.equal(measure.now.pictures, 3);
    assert.equal(measure.set.unread.count, 2);
    assert.deepEqual(measure.set.unread.kinds.map(({ kind, count }) => [kind, count]).sort(), [['WebP', 1], ['damaged', 1]].sort());
    assert.match(notice, /2 of 5 pictures cannot be read here: /);
    assert.ok(notice.includes(`No picture of the class '${labels[1]}' could be read.`), notice);
    assert.match(notice, /1 picture lies in a folder within its class's folder/);
  },
};
