import { expect, it } from 'vitest';
import { isoTime } from '../../../src/stores/shared/iso-time.js';

it('is what toISOString gives, to the millisecond and on either side of midnight', () => {
  const DAY = 86_400_000;
  const today = Math.floor(Date.now() / DAY) * DAY;
  const times = [
    0,
    1,
    999,
    1000,
    59_999,
    60_000,
    3_599_999,
    3_600_000,
    DAY - 1,
    951_782_399_999,
    951_782_400_000,
  ];
  for (let minute = -1440; minute < 2880; minute++)
    times.push(today + minute * 60_000 + (minute & 1 ? 59_999 : 7));
  for (const time of times) expect(isoTime(time)).toBe(new Date(time).toISOString());
});

it('throws for a time that is none, each time that it is asked', () => {
  const now = Date.now();
  for (let attempt = 0; attempt < 2; attempt++) {
    expect(() => isoTime(9e15)).toThrow(RangeError);
    expect(() => isoTime(Number.NaN)).toThrow(RangeError);
    expect(isoTime(now)).toBe(new Date(now).toISOString());
  }
});
