import { z } from 'zod';
import type { Answer } from './answer.ts';
import { faultSchema } from './faults.ts';
import { feedNames } from './records.ts';
import type { FeedItem } from './records.ts';
import type { State } from './state.ts';
import { badRequest, notFound, VendorError } from './vendor-error.ts';

const recordsSchema = z.strictObject({
  tenantId: z.uuid(),
  feed: z.enum(feedNames),
  count: z.int().min(1).max(10_000).optional(),
  items: z.array(z.looseObject({ id: z.string().min(1) })).optional(),
  lateBySeconds: z.number().min(0).max(86_400).optional(),
});

/** What is no part of the product that is played: how a test makes it misbehave and looks inside. */
export function answerAdmin(state: State, method: string, url: URL, text: string): Answer {
  switch (`${method} ${url.pathname}`) {
    case 'GET /simulator/state':
      return said(200, toShownState(state));
    case 'GET /simulator/records':
      return said(200, toShownRecords(state, url.searchParams));
    case 'POST /simulator/records': {
      const records = read(recordsSchema, text);
      if (!state.tenants.some(({ id }) => id === records.tenantId))
        throw notFound('No such tenant.');
      const items = records.items as readonly FeedItem[] | undefined;
      return said(201, { ids: state.add({ ...records, items }).map(({ id }) => id) });
    }
    case 'POST /simulator/faults': {
      const fault = read(faultSchema, text);
      state.faults.add(fault);
      return said(201, { fault });
    }
    case 'DELETE /simulator/faults':
      state.faults.clear();
      return said(200, {});
    default:
      throw notFound(`The admin door has no ${method} ${url.pathname}.`);
  }
}

function said(status: number, body: object): Answer {
  return { status, body: { simulated: true, ...body } };
}

function read<T>(schema: z.ZodType<T>, text: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw badRequest('The body is not JSON.');
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new VendorError(400, 'BadRequest', z.prettifyError(parsed.error));
}

function toShownRecords(state: State, query: URLSearchParams): object {
  const feed = feedNames.find((name) => name === query.get('feed'));
  if (!feed) throw badRequest(`'feed' is one of ${feedNames.join(', ')}.`);
  return { ids: state.feedOf(query.get('tenantId') ?? '', feed).map(({ id }) => id) };
}

function toShownState(state: State): object {
  return {
    partnerId: state.partnerId,
    organizationId: state.organizationId,
    clients: state.clients,
    tenants: state.tenants.map(
      ({ id, name, region, billingType, clientId, endpoints, firewalls }) => ({
        ...{ id, name, region, billingType, clientId },
        endpointIds: endpoints.map((endpoint) => endpoint.id),
        firewallIds: firewalls.map((firewall) => firewall.id),
        records: Object.fromEntries(feedNames.map((feed) => [feed, state.feedOf(id, feed).length])),
      }),
    ),
    answers: Object.fromEntries(state.answers),
    faults: state.faults.pending(),
    isolations: Object.fromEntries(state.isolations),
    indicators: Object.fromEntries(
      [...state.indicators].map(([id, known]) => [id, Object.fromEntries(known)]),
    ),
    ...{ scans: state.scans, alertActions: state.alertActions },
  };
}
