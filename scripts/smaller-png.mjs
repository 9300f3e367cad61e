import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE_LENGTH = 8;

/**
 * The same picture in fewer bytes, with the 256 colors that it has most of; others, in the edges of letters, become the nearest of them.
 * For 8 bits a channel without transparent pixels, not interlaced, as Chromium writes screenshots.
 */
export function smallerPng(png) {
  const chunks = readChunks(png);
  const header = Buffer.from(chunks.find(({ type }) => type === 'IHDR').data);
  const bytesPerPixel = header[9] === 6 ? 4 : 3;
  const rowLength = header.readUInt32BE(0) * bytesPerPixel;
  const packed = Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data));
  const rows = unfilter(inflateSync(packed), rowLength, bytesPerPixel);
  const { palette, indexed } = withPalette(rows, rowLength, bytesPerPixel);
  header[9] = 3; // a palette
  return Buffer.concat([
    png.subarray(0, SIGNATURE_LENGTH),
    chunk('IHDR', header),
    chunk('PLTE', palette),
    chunk('IDAT', deflateSync(indexed, { level: 9, memLevel: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Rows of one byte a pixel, each still after its byte for "no filter". */
function withPalette(rows, rowLength, bytesPerPixel) {
  const colors = [];
  for (let start = 0; start < rows.length; start += rowLength + 1) {
    for (let at = start + 1; at <= start + rowLength; at += bytesPerPixel)
      colors.push(rows.readUIntBE(at, 3));
  }
  const counts = new Map();
  for (const color of colors) counts.set(color, (counts.get(color) ?? 0) + 1);
  const byCount = [...counts.keys()].sort((one, other) => counts.get(other) - counts.get(one));
  const kept = byCount.slice(0, 256);
  const indexOf = new Map(byCount.map((color) => [color, nearest(kept, color)]));
  const width = rowLength / bytesPerPixel;
  const indexed = Buffer.alloc((colors.length / width) * (width + 1));
  for (const [pixel, color] of colors.entries()) {
    indexed[pixel + Math.floor(pixel / width) + 1] = indexOf.get(color);
  }
  return { palette: Buffer.from(kept.flatMap(channels)), indexed };
}

function nearest(kept, color) {
  const distances = kept.map((candidate) => {
    const other = channels(candidate);
    return channels(color).reduce((sum, value, index) => sum + (value - other[index]) ** 2, 0);
  });
  return distances.indexOf(Math.min(...distances));
}

function channels(color) {
  return [color >> 16, (color >> 8) & 255, color & 255];
}

function readChunks(png) {
  const chunks = [];
  for (let at = SIGNATURE_LENGTH; at < png.length; ) {
    const length = png.readUInt32BE(at);
    chunks.push({
      type: png.toString('latin1', at + 4, at + 8),
      data: png.subarray(at + 8, at + 8 + length),
    });
    at += length + 12;
  }
  return chunks;
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** Rows that all say "no filter" (0). What each filter means: PNG, section 9. */
function unfilter(rows, rowLength, bytesPerPixel) {
  for (let start = 0; start < rows.length; start += rowLength + 1) {
    const filter = rows[start];
    rows[start] = 0;
    for (let x = 0; x < rowLength; x++) {
      const at = start + 1 + x;
      const hasLeft = x >= bytesPerPixel;
      const left = hasLeft ? rows[at - bytesPerPixel] : 0;
      const up = start > 0 ? rows[at - rowLength - 1] : 0;
      const upLeft = hasLeft && start > 0 ? rows[at - rowLength - 1 - bytesPerPixel] : 0;
      rows[at] += FILTERS[filter](left, up, upLeft);
    }
  }
  return rows;
}

const FILTERS = [
  () => 0,
  (left) => left,
  (_left, up) => up,
  (left, up) => (left + up) >> 1,
  (left, up, upLeft) => {
    const [toLeft, toUp, toUpLeft] = [up - upLeft, left - upLeft, left + up - 2 * upLeft].map(Math.abs);
    if (toLeft <= toUp && toLeft <= toUpLeft) return left;
    return toUp <= toUpLeft ? up : upLeft;
  },
];
