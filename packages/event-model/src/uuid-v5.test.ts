import { describe, expect, it } from '@jest/globals';

import { uuidV5 } from './uuid-v5.ts';

const dnsNamespace = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';

describe('a name-based id', () => {
  it("is the one that RFC 9562's example gives", () => {
    expect(uuidV5(dnsNamespace, 'www.example.com')).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2');
  });

  it('does not depend on the case of its namespace', () => {
    expect(uuidV5(dnsNamespace.toUpperCase(), 'a')).toBe(uuidV5(dnsNamespace, 'a'));
  });

  it('refuses a namespace that is no UUID', () => {
    expect(() => uuidV5('sensor', 'a')).toThrow(RangeError);
    expect(() => uuidV5(`${dnsNamespace}0`, 'a')).toThrow(RangeError);
  });
});
