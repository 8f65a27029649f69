import { randomUUID } from 'node:crypto';
import { ok, pageByKey, readNumber, tenantOf } from './answer.ts';
import type { Answers, Call } from './answer.ts';
import type { FeedItem } from './records.ts';
import { badRequest, notFound } from './vendor-error.ts';

const allowedActions = ['acknowledge', 'clearThreat'];

interface Wanted {
  readonly from?: string;
  readonly to?: string;
  readonly product?: readonly string[];
  readonly category?: readonly string[];
  readonly severity?: readonly string[];
  readonly groupKey?: string;
  readonly ids?: readonly string[];
  readonly pageSize?: number;
  readonly pageFromKey?: string;
  readonly pageTotal?: boolean;
}

export const alertAnswers: Answers = {
  alerts: (call) => list(call, readWanted(call)),
  searchAlerts: (call) => list(call, call.body as Wanted),
  alert: (call) => ok(alertOf(call)),
  actOnAlert: (call) => {
    const alert = alertOf(call);
    const { action } = call.body as { readonly action: string };
    if (!alert.allowedActions.includes(action)) {
      throw badRequest(`Body field 'action' is one of the alert's: ${allowedActions.join(', ')}.`);
    }
    const id = randomUUID();
    call.state.alertActions.push({ id, alertId: alert.id, action });
    const at = new Date(call.now).toISOString();
    return {
      status: 201,
      body: {
        ...{ id, alertId: alert.id, action, status: 'started', requestedAt: at, startedAt: at },
        ...{ completedAt: null, result: '' },
      },
    };
  },
};

function list(call: Call, wanted: Wanted) {
  const alerts = alertsOf(call).filter((alert) => isWanted(alert, wanted));
  return ok(
    pageByKey(alerts, {
      fromKey: wanted.pageFromKey ?? null,
      size: wanted.pageSize ?? 50,
      maxSize: 100,
      withTotal: wanted.pageTotal ?? false,
    }),
  );
}

function readWanted(call: Call): Wanted {
  const text = (name: string): string | undefined => call.query.get(name) ?? undefined;
  const texts = (name: string): readonly string[] | undefined => text(name)?.split(',');
  for (const name of ['from', 'to']) {
    if (Number.isNaN(Date.parse(text(name) ?? '1970-01-01'))) {
      throw badRequest(`Query parameter '${name}' is not a time.`);
    }
  }
  return Object.fromEntries(
    Object.entries({
      ...{ from: text('from'), to: text('to'), groupKey: text('groupKey'), ids: texts('ids') },
      ...{ product: texts('product'), category: texts('category'), severity: texts('severity') },
      pageFromKey: text('pageFromKey'),
      pageSize: readNumber(call, 'pageSize', { fallback: 50, min: 1, max: 100 }),
      pageTotal: text('pageTotal') === 'true',
    }).filter(([, value]) => value !== undefined),
  );
}

type Alert = ReturnType<typeof toAlert>;

function isWanted(alert: Alert, wanted: Wanted): boolean {
  const isOneOf = (values: readonly string[] | undefined, value: string): boolean =>
    values?.includes(value) ?? true;
  return (
    (wanted.from === undefined || Date.parse(alert.raisedAt) >= Date.parse(wanted.from)) &&
    (wanted.to === undefined || Date.parse(alert.raisedAt) < Date.parse(wanted.to)) &&
    isOneOf(wanted.product, alert.product) &&
    isOneOf(wanted.category, alert.category) &&
    isOneOf(wanted.severity, alert.severity) &&
    isOneOf(wanted.ids, alert.id) &&
    (wanted.groupKey === undefined || wanted.groupKey === alert.groupKey)
  );
}

function alertsOf(call: Call): readonly Alert[] {
  const tenant = tenantOf(call);
  return call.state
    .feedOf(tenant.id, 'alerts')
    .map((item) => toAlert(item, { id: tenant.id, name: tenant.name }));
}

function alertOf(call: Call): Alert {
  const alert = alertsOf(call).find(({ id }) => id === call.params['alertId']);
  if (!alert) throw notFound('No such alert.');
  return alert;
}

/** The same alert as the SIEM feed tells, in the words of this interface. */
function toAlert(item: FeedItem, tenant: { readonly id: string; readonly name: string }) {
  const data = (item['data'] ?? {}) as Readonly<Record<string, unknown>>;
  const severity = String(item['severity']);
  return {
    id: item.id,
    allowedActions,
    category: 'malware',
    description: String(item['description']),
    groupKey: Buffer.from(`1,${String(item['type'])},${String(item['threat'])}`).toString('base64'),
    managedAgent: { id: data['endpoint_id'], type: data['endpoint_type'] },
    product: 'endpoint',
    raisedAt: String(item['created_at']),
    severity: ['low', 'medium', 'high'].includes(severity) ? severity : 'high',
    tenant,
    type: String(item['type']),
  };
}
