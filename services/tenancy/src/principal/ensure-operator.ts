import type { Viewer } from '@vedette/service-kit';
import { operatorId } from '@vedette/service-kit';
import type { AccountableContext } from '../deed/deed-book.ts';
import { newTokenRules, parseIssuer, parseJwksUrl } from '../issuer/issuer-input.ts';
import { addIssuer, changeIssuer } from '../issuer/issuer-operations.ts';
import { findIssuerByName } from '../issuer/issuer-store.ts';
import { holdAdmins } from '../user/admins.ts';
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
 * Sees to it that the operator's OpenID provider is what the settings say, whatever became of it since:
 * the way back for an operator that locked itself out. And that its first administrator exists, who
 * invites everybody else; whoever locked them out since had a reason, so they stay as they are. Safe to
 * repeat, and from several processes at once.
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
  const said = {
    jwksUrl: parseJwksUrl('OPERATOR_JWKS_URL', settings.OPERATOR_JWKS_URL, options),
    audience: settings.OPERATOR_AUDIENCE,
  };
  const owner = { providerId: operatorId, customerId: null };
  await ctx.db.transaction({ kind: 'OPERATOR' }, async (tx) => {
    await holdAdmins(tx, operatorId);
    const found = await findIssuerByName(tx, name);
    if (found && kindOfOwner(found) !== 'OPERATOR') {
      throw new Error(`OPERATOR_ISSUER ${name} is bound to a provider or a customer`);
    }
    const issuer = found
      ? await changeIssuer(tx, ctx, found, { ...found, ...said, isActive: true })
      : await addIssuer(tx, ctx, { ...owner, issuer: name, rules: { ...newTokenRules, ...said } });
    const subject = settings.OPERATOR_ADMIN_SUBJECT;
    if (await findUserBySubject(tx, issuer.issuerId, subject)) return;
    const person = { issuerId: issuer.issuerId, subject, name: 'First administrator', email: null };
    await addUser(tx, ctx, { ...owner, ...person, role: 'OPERATOR_ADMIN' });
  });
}
