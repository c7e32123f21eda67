/**
 * Draws the program's pictures from their SVG sources in `build/icons`, by the same Chromium that the
 * tests use. The results are committed, because packaging must not need a browser; run this after
 * a source was changed: `node build/draw-icons.mjs`.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { chromiumIn } from './chromium.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const sources = join(root, 'build', 'icons');
/** What the running app needs is copied with the window's own files. */
const shell = join(root, 'renderer', 'public', 'shell');
const STATES = ['idle', 'busy', 'paused', 'attention'];
const INK = '#1d271f';
const PAPER = '#fcfdfa';
/** Below this many pixels the icon is drawn on their grid, without a margin. */
const SMALL = 32;

mkdirSync(shell, { recursive: true });
const browser = await chromium.launch({
  executablePath: chromiumIn(process.env),
  args: ['--no-sandbox', '--force-color-profile=srgb'],
});
const page = await browser.newPage();

async function draw(source, size, colour = INK, viewBox) {
  const drawn = readFileSync(join(sources, `${source}.svg`), 'utf8');
  const svg =
    viewBox === undefined ? drawn : drawn.replace(/viewBox="[^"]*"/, `viewBox="${viewBox}"`);
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(
    `<body style="margin:0;color:${colour}">${svg.replace('<svg ', `<svg style="display:block" width="${size}" height="${size}" `)}`,
  );
  return page.screenshot({ omitBackground: true });
}

/** Windows' own format: a table of sizes, and each picture as it is. */
async function drawIco(sizes) {
  const head = Buffer.alloc(6 + 16 * sizes.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(sizes.length, 4);
  const pictures = [];
  let offset = head.length;
  for (const [i, size] of sizes.entries()) {
    const picture = await icon(size);
    const entry = 6 + 16 * i;
    // 0 stands for 256.
    head.writeUInt8(size % 256, entry);
    head.writeUInt8(size % 256, entry + 1);
    head.writeUInt16LE(1, entry + 4);
    head.writeUInt16LE(32, entry + 6);
    head.writeUInt32LE(picture.length, entry + 8);
    head.writeUInt32LE(offset, entry + 12);
    pictures.push(picture);
    offset += picture.length;
  }
  return Buffer.concat([head, ...pictures]);
}

const icon = (size) => draw(size <= SMALL ? 'icon-small' : 'icon', size);

for (const size of [16, 24, 32, 48, 64, 128, 256, 512])
  writeFileSync(join(sources, `${size}x${size}.png`), await icon(size));
writeFileSync(join(sources, 'icon.png'), await icon(1024));
writeFileSync(join(sources, 'icon.ico'), await drawIco([16, 24, 32, 48, 64, 128, 256]));
writeFileSync(join(shell, 'icon.png'), await icon(256));

for (const state of STATES) {
  const file = (name) => join(shell, `${state}${name}.png`);
  for (const [variant, colour] of [
    ['-on-light', INK],
    ['-on-dark', PAPER],
  ]) {
    // Windows takes the size that fits the screen's scale.
    for (const [suffix, size] of [
      ['', 16],
      ['@1.25x', 20],
      ['@1.5x', 24],
      ['@2x', 32],
    ])
      writeFileSync(file(`${variant}${suffix}`), await draw(`tray-${state}`, size, colour));
    // The panels of Linux take the one that they are given and scale it down.
    writeFileSync(file(`${variant}-panel`), await draw(`tray-${state}`, 32, colour));
  }
  // macOS uses the shape alone, with a pixel of air around it.
  const airy = '-1 -1 18 18';
  writeFileSync(file('Template'), await draw(`tray-${state}`, 18, '#000', airy));
  writeFileSync(file('Template@2x'), await draw(`tray-${state}`, 36, '#000', airy));
}
await browser.close();
