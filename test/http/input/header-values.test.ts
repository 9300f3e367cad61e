import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { headerValues } from '../../../src/http/input/header-values.js';

const NAMES = ['gkc_agentid', 'gkc-agentid'];

/** As Node hands over a request, of which a host may have changed `headers`. */
const valuesOf = (headers: Record<string, unknown>, ...rawHeaders: string[]) =>
  headerValues({ headers, rawHeaders } as unknown as IncomingMessage, NAMES);

describe('headerValues', () => {
  it('has repeated headers apart, in any letter case, and one with a comma as it is', () => {
    const joined = { gkc_agentid: 'one, two' };
    expect(valuesOf(joined, 'gkc_agentId', 'one', 'GKC_AGENTID', 'two')).toEqual(['one', 'two']);
    expect(valuesOf(joined, 'Host', 'gkc_agentId', 'gkc_agentId', 'one, two')).toEqual(['one, two']);
    expect(valuesOf(joined, 'gkc_agentId', 'one', 'Host', 'x', 'gkc_agentId', 'two')).toEqual(['one', 'two']);
  });

  it('does not take a value for a name', () => {
    const headers = { gkc_agentid: 'one, two', x: 'gkc_agentid' };
    expect(valuesOf(headers, 'gkc_agentId', 'one, two', 'x', 'gkc_agentid')).toEqual(['one, two']);
    expect(valuesOf(headers, 'x', 'gkc_agentid', 'one', '', 'two', '')).toEqual(['one, two']);
    expect(valuesOf(headers, 'x', 'gkc_agentid', 'one', 'gkc_agentid', 'two', 'x')).toEqual(['one, two']);
  });

  it('takes what a host put in place of the headers that were sent', () => {
    expect(valuesOf({ gkc_agentid: 'by, host' }, 'gkc_agentId', 'sent')).toEqual(['by, host']);
    expect(valuesOf({ gkc_agentid: 'by, host' }, 'gkc_agentId', 'one', 'gkc_agentId', 'two')).toEqual([
      'by, host',
    ]);
    expect(valuesOf({ gkc_agentid: 'by, host' })).toEqual(['by, host']);
    expect(valuesOf({}, 'gkc_agentId', 'sent')).toEqual([]);
    expect(valuesOf({ gkc_agentid: ['a list'] })).toEqual([]);
  });

  it('counts what is equal once, and what is empty not at all', () => {
    expect(valuesOf({ gkc_agentid: 'one', 'gkc-agentid': 'one' })).toEqual(['one']);
    expect(valuesOf({ gkc_agentid: '', 'gkc-agentid': 'one' })).toEqual(['one']);
    expect(valuesOf({ gkc_agentid: 'one', 'gkc-agentid': 'two' })).toEqual(['one', 'two']);
  });

  it('reads bytes as UTF-8 when they are, else as Latin-1, and leaves text of the host alone', () => {
    const bytes = (text: string) => Buffer.from(text).toString('latin1');
    expect(valuesOf({ gkc_agentid: bytes('José 🙂') })).toEqual(['José 🙂']);
    expect(valuesOf({ gkc_agentid: 'José' })).toEqual(['José']);
    expect(valuesOf({ gkc_agentid: `${bytes('é')} 🙂` })).toEqual([`${bytes('é')} 🙂`]);
  });
});
