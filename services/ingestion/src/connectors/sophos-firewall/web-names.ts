import type { FieldValue } from '@vedette/event-model';

import type { DraftFields } from '../record-fields.ts';

/** Longer addresses are kept, but not taken apart. */
const maxUrlLength = 8_192;

/**
 * Sigma's names for requests: those of category `proxy` for what the firewall's web filter saw, those of `webserver`
 * for what went to a server behind it.
 */
export function addWebNames(fields: DraftFields, classUid: number): void {
  const isToServer = fields.log_type === 'WAF' || fields.server !== undefined;
  if (isToServer) addServerNames(fields);
  else if (classUid === 4002) addProxyNames(fields);
}

function addProxyNames(fields: DraftFields): void {
  const { url, user_agent: agent, method, status_code: status } = fields;
  set(fields, 'c-uri', url);
  const host = fields.domain ?? (typeof url === 'string' ? hostIn(url) : undefined);
  set(fields, 'cs-host', host);
  set(fields, 'c-useragent', agent);
  set(fields, 'cs-method', method);
  set(fields, 'sc-status', status);
}

function addServerNames(fields: DraftFields): void {
  const { url, querystring: query, method, status_code: status, server } = fields;
  set(fields, 'cs-uri-stem', url);
  // Rules on web servers look for paths in the query as well: it has the whole request.
  const isText = typeof url === 'string' && (query === undefined || typeof query === 'string');
  if (isText) fields['cs-uri-query'] = url + (query ?? '');
  set(fields, 'cs-method', method);
  set(fields, 'sc-status', status);
  set(fields, 'cs-user-agent', fields.user_agent);
  set(fields, 'cs-referer', fields.referer);
  set(fields, 'cs-host', server);
  set(fields, 'c-ip', fields.src_ip);
}

function set(fields: DraftFields, name: string, value: FieldValue | undefined): void {
  if (value !== undefined) fields[name] ??= value;
}

/** The host of an absolute address, by hand: it runs for every request, and most addresses are not URLs in order. */
function hostIn(url: string): string | undefined {
  if (url.length > maxUrlLength) return undefined;
  const scheme = url.indexOf('://');
  const from = scheme < 0 ? 0 : scheme + 3;
  let to = from;
  while (to < url.length && !'/?#:'.includes(url.charAt(to))) to += 1;
  return to > from ? url.slice(from, to) : undefined;
}
