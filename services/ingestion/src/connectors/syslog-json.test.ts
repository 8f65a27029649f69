import { describe, expect, it } from '@jest/globals';

import { unwrapSyslogJson } from './syslog-json.ts';

describe('a syslog line', () => {
  it('gives the JSON object that it carries', () => {
    const line = '<13>Jan 31 12:00:00 pc1 NXLog: {"EventID":4624,"Hostname":"pc1"}';
    expect(unwrapSyslogJson(line)).toEqual({ EventID: 4624, Hostname: 'pc1' });
    expect(unwrapSyslogJson('<134>1 2026-01-31T12:00:00Z pc1 - - - - {"a":{"b":1}}')).toEqual({
      a: { b: 1 },
    });
  });

  it.each(['<13>Jan 31 12:00:00 pc1 hello', '<13>pc1 {"a":', '{"a":1}', '<x>{"a":1}', ''])(
    'is none in %j',
    (text) => {
      expect(unwrapSyslogJson(text)).toBeNull();
    },
  );
});
