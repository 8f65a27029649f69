import type { Fields } from '@vedette/event-model';

import {
  allowed,
  blocked,
  detected,
  finding,
  info,
  low,
  lower,
  medium,
  methodOf,
  network,
  web,
} from './verdict.ts';
import type { Verdict } from './verdict.ts';

/** UTM 9 writes its packet filter, web proxy and intrusion prevention; the rest stays unmapped. */
export function classifyUtm(fields: Fields): Verdict {
  const action = lower(fields.action);
  const isBlocked = /drop|reject|block|deny/.test(action);
  const dispositionId = isBlocked ? blocked : allowed;
  switch (lower(fields.sub)) {
    case 'packetfilter':
      return {
        ...{ classUid: network, activityId: isBlocked ? 5 : 6, severityId: info, dispositionId },
      };
    case 'http':
      return {
        ...{ classUid: web, activityId: methodOf(fields), dispositionId },
        severityId: isBlocked ? low : info,
      };
    case 'ips':
      return {
        ...{ classUid: finding, activityId: 1, severityId: medium },
        dispositionId: isBlocked ? blocked : detected,
      };
    default:
      return { classUid: 0, activityId: 0, severityId: info };
  }
}
