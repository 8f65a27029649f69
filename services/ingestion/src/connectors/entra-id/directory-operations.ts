import type { EventMeaning } from '../json-values.ts';

const account = 3001;
const entity = 3004;
const access = 3005;
const group = 3006;
const other = 99;

/**
 * What an operation on the directory means, first match first. Both the Management Activity API and Entra's own
 * logs call operations by these names; the former with a full stop at the end.
 */
const operations: readonly (readonly [name: RegExp, meaning: EventMeaning])[] = [
  // Roles, permissions and owners: whoever gets one can act with it.
  [
    /^(?:remove|delete|revoke)\b.*(?:role|permission grant|oauth2permissiongrant|owner|consent)/,
    [access, 2, 1],
  ],
  [/member to role|member to scoped role|role assignment|role eligibility|elevate/, [access, 1, 3]],
  [
    /^(?:consent to application|add (?:delegated permission grant|oauth2permissiongrant))/,
    [access, 1, 3],
  ],
  [/^add owner to/, [access, 1, 2]],

  [/^add member to group|^add .*member.* to group/, [group, 3, 1]],
  [/^remove member from group/, [group, 4, 1]],
  [/^(?:add|create) group/, [group, 6, 1]],
  [/^(?:hard )?delete group/, [group, 5, 1]],
  [/\bgroup\b/, [group, other, 1]],

  [/^disable strong authentication|deleted security info/, [account, 11, 3]],
  [/^enable strong authentication|registered .*security info/, [account, 10, 1]],
  [/^(?:add|create|invite) (?:external )?user/, [account, 1, 1]],
  [/^(?:hard |bulk )?delete users?\b/, [account, 6, 1]],
  [/^change (?:user )?password/, [account, 3, 1]],
  [/^reset (?:user )?password|password reset/, [account, 4, 1]],
  [/^disable account/, [account, 5, 1]],
  [/^enable account/, [account, 2, 1]],
  [/\busers?\b|stsrefreshtoken|security info/, [account, other, 1]],

  // Whoever changes how a domain signs in can sign in as anybody.
  [/^delete conditional access policy/, [entity, 4, 3]],
  [/federation settings|domain authentication|conditional access policy/, [entity, 3, 3]],
  // A secret or certificate that is added to an application lets its holder act as the application.
  [/certificates and secrets|service principal credentials/, [entity, 3, 3]],
  [/^(?:add|create|register)\b/, [entity, 1, 1]],
  [/^(?:get|read|view|recover)\b/, [entity, 2, 1]],
  [/^(?:update|set|change)\b/, [entity, 3, 1]],
  [/^(?:hard )?(?:delete|remove|unregister)\b/, [entity, 4, 1]],
  [/^enable\b/, [entity, 8, 1]],
  [/^disable\b/, [entity, 9, 1]],
];

/** Longer text than this is no name of an operation. */
const maxLength = 256;

/** The meaning of an operation on the directory; of one that nobody knows, a change to an entity of it. */
export function meaningOfDirectoryOperation(operation: string): EventMeaning {
  const name = plainOperation(operation);
  const row = operations.find(([pattern]) => pattern.test(name));
  return row?.[1] ?? [entity, other, 1];
}

/** An operation's name without its full stop and in lower case; empty where it is no name. */
export function plainOperation(operation: string): string {
  if (operation.length > maxLength) return '';
  const name = operation.trim().toLowerCase();
  return name.endsWith('.') ? name.slice(0, -1) : name;
}
