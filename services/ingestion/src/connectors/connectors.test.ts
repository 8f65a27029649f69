import { describe, expect, it } from '@jest/globals';

import { connectorTypes, isConnectorType, parserFor } from './index.ts';

describe('a connector type', () => {
  it('is one of a closed list', () => {
    expect(connectorTypes).toEqual(['windows-events']);
    expect(isConnectorType('windows-events')).toBe(true);
    expect(['toString', 'windows', '', null, 7].some(isConnectorType)).toBe(false);
  });

  it('has a parser', () => {
    const event = parserFor('windows-events')({ EventID: 4624, Channel: 'Security' }, 0);
    expect(event.classUid).toBe(3002);
  });
});
