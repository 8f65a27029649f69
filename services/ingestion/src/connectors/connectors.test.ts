import { describe, expect, it } from '@jest/globals';

import { connectorOf, connectorTypes, isConnectorType } from './index.ts';

describe('a connector type', () => {
  it('is one of a closed list', () => {
    expect(connectorTypes).toContain('windows-events');
    expect(isConnectorType('windows-events')).toBe(true);
    expect(['toString', 'windows', '', null, 7].some(isConnectorType)).toBe(false);
  });

  it('has a reader', () => {
    const event = connectorOf('windows-events').parse(
      { EventID: 4624, Channel: 'Security' },
      0,
      {},
    );
    expect(event.classUid).toBe(3002);
  });
});
