import type { Viewer } from '@vedette/service-kit';
import { operatorId } from '@vedette/service-kit';
import type { AccountableContext } from '../deed/deed-book.ts';
import { newTokenRules, parseIssuer, parseJwksUrl } from '../issuer/issuer-input.ts';
import { addIssuer } from '../issuer/issuer-operations.ts';
import { findIssuerByName } from '../issuer/issuer-store.ts';
import { holdOperatorAdmins } from '../user/operator-admins.ts';
import { addUser } from '../user/user-operations.ts';
import { findUserBySubject } from '../user/user-store.ts';
import { kindOfOwner } from '../owner/owner.ts';

export interface OperatorSettings {
  readonly OPERATOR_ISSUER: string;
  readonly OPERATOR_JWKS_URL: string;
  readonly OPERATOR_AUDIENCE: string;
  readonly OPERATOR_ADMIN_SUBJECT: string;
  readonly ISSUERS_ALLOW_LOOPBACK: boolean;
}

/** As whom tenancy acts at its start; it sees every tenant by an operator's scope, asked for by name. */
const tenancyItself: Viewer = { principalId: 'system:tenancy', role: 'SERVICE', customerIds: [] };

/**
 * Sees to it that the operator's OpenID provider and its first administrator exist, who invites
 * everybody else. What exists stays as it is, also when it was changed or deactivated since; so it is
 * safe to repeat, and from several processes at once.
 * @throws {InvalidInputError} a setting is not usable
 * @throws {Error} the issuer is bound to a provider or a customer
 */
export async function ensureOperator(
  given: Omit<AccountableContext, 'viewer'>,
  settings: OperatorSettings,
): Promise<void> {
  const ctx = { ...given, viewer: tenancyItself };
  const options = { allowsLoopback: settings.ISSUERS_ALLOW_LOOPBACK };
  const name = parseIssuer('OPERATOR_ISSUER', settings.OPERATOR_ISSUER, options);
  const rules = {
    ...newTokenRules,
    jwksUrl: parseJwksUrl('OPERATOR_JWKS_URL', settings.OPERATOR_JWKS_URL, options),
    audience: settings.OPERATOR_AUDIENCE,
  };
  const owner = { providerId: operatorId, customerId: null };
  await ctx.db.transaction({ kind: 'OPERATOR' }, async (tx) => {
    await holdOperatorAdmins(tx);
    const issuer =
      (await findIssuerByName(tx, name)) ??
      (await addIssuer(tx, ctx, { ...owner, issuer: name, rules }));
    if (kindOfOwner(issuer) !== 'OPERATOR') {
      throw new Error(`OPERATOR_ISSUER ${name} is bound to a provider or a customer`);
    }
    const subject = settings.OPERATOR_ADMIN_SUBJECT;
    if (await findUserBySubject(tx, issuer.issuerId, subject)) return;
    const person = { issuerId: issuer.issuerId, subject, name: 'First administrator', email: null };
    await addUser(tx, ctx, { ...owner, ...person, role: 'OPERATOR_ADMIN' });
  });
}
