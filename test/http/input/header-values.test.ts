import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { headerValues } from '../../../src/http/input/header-values.js';

const NAMES = ['gkc_agentid', 'gkc-agentid'];

/** A request of Node, whose `headers` an app may have changed. */
const valuesOf = (headers: Record<string, unknown>, ...rawHeaders: string[]) =>
  headerValues({ headers, rawHeaders } as unknown as IncomingMessage, NAMES);

describe('headerValues', () => {
  it('returns repeated headers separately, in any letter case, and one with a comma as it is', () => {
    const joined = { gkc_agentid: 'one, two' };
    expect(valuesOf(joined, 'gkc_agentId', 'one', 'GKC_AGENTID', 'two')).toEqual(['one', 'two']);
    expect(valuesOf(joined, 'Host', 'gkc_agentId', 'gkc_agentId', 'one, two')).toEqual(['one, two']);
    expect(valuesOf(joined, 'gkc_agentId', 'one', 'Host', 'x', 'gkc_agentId', 'two')).toEqual(['one', 'two']);
  });

  it('never takes a value for a name', () => {
    const headers = { gkc_agentid: 'one, two', x: 'gkc_agentid' };
    expect(valuesOf(headers, 'gkc_agentId', 'one, two', 'x', 'gkc_agentid')).toEqual(['one, two']);
    expect(valuesOf(headers, 'x', 'gkc_agentid', 'one', '', 'two', '')).toEqual(['one, two']);
    expect(valuesOf(headers, 'x', 'gkc_agentid', 'one', 'gkc_agentid', 'two', 'x')).toEqual(['one, two']);
  });

  it('returns what an app put instead of the headers that were sent', () => {
    expect(valuesOf({ gkc_agentid: 'by, app' }, 'gkc_agentId', 'sent')).toEqual(['by, app']);
    expect(valuesOf({ gkc_agentid: 'by, app' }, 'gkc_agentId', 'one', 'gkc_agentId', 'two')).toEqual([
      'by, app',
    ]);
    expect(valuesOf({ gkc_agentid: 'by, app' })).toEqual(['by, app']);
    expect(valuesOf({}, 'gkc_agentId', 'sent')).toEqual([]);
    expect(valuesOf({ gkc_agentid: ['a list'] })).toEqual([]);
  });

  it('returns equal values once, and no empty ones', () => {
    expect(valuesOf({ gkc_agentid: 'one', 'gkc-agentid': 'one' })).toEqual(['one']);
    expect(valuesOf({ gkc_agentid: '', 'gkc-agentid': 'one' })).toEqual(['one']);
    expect(valuesOf({ gkc_agentid: 'one', 'gkc-agentid': 'two' })).toEqual(['one', 'two']);
  });

  it('reads bytes as UTF-8 if they are valid UTF-8, otherwise as Latin-1, and keeps text of the app', () => {
    const bytes = (text: string) => Buffer.from(text).toString('latin1');
    expect(valuesOf({ gkc_agentid: bytes('José 🙂') })).toEqual(['José 🙂']);
    expect(valuesOf({ gkc_agentid: 'José' })).toEqual(['José']);
    expect(valuesOf({ gkc_agentid: `${bytes('é')} 🙂` })).toEqual([`${bytes('é')} 🙂`]);
  });

  it('does not decode what is too long for a value', () => {
    const bytes = (length: number) => Buffer.from('€'.repeat(length)).toString('latin1');
    expect(valuesOf({ gkc_agentid: bytes(256) })).toEqual(['€'.repeat(256)]);
    expect(valuesOf({ gkc_agentid: bytes(257) })).toEqual([bytes(257)]);
  });
});
