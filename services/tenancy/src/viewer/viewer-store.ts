import type { Transaction } from '@vedette/service-kit';
import type { Owned } from '../owner/owner.ts';
import type { UserRole } from '../user/user.ts';

/** What a principal reaches today. */
export interface Reach {
  readonly customerIds: readonly string[];
  /** Those of them for which a grant lets a technician approve. */
  readonly approvesFor: readonly string[];
}

interface FoundPrincipal extends Owned {
  readonly principalId: string;
  /** Whether it reaches every customer of its provider. */
  readonly reachesAllCustomers: boolean;
  readonly isProviderFrozen: boolean;
}

export interface FoundPerson extends FoundPrincipal {
  readonly role: UserRole;
  readonly issuerProviderId: string;
  readonly issuerCustomerId: string | null;
  /** Whether the customer whose person it is has an active issuer of its own. */
  readonly customerHasIssuer: boolean;
}

export interface FoundKey extends FoundPrincipal {
  readonly scopes: readonly string[];
  readonly sha256: Buffer;
  /** When the key or this secret of it ends, whichever is first. */
  readonly expiresAt: Date;
  readonly lastUsedAt: Date | null;
}

/** An active user of an active issuer. The transaction must see every tenant. */
export async function findPerson(
  tx: Transaction,
  issuerId: string,
  subject: string,
): Promise<FoundPerson | null> {
  const [row]: FoundPerson[] = await tx.query(
    `select user_id as "principalId", users.provider_id as "providerId",
            users.customer_id as "customerId", role,
            role = 'PROVIDER_ADMIN' as "reachesAllCustomers",
            issuers.provider_id as "issuerProviderId", issuers.customer_id as "issuerCustomerId",
            exists (select from issuers own
                    where own.customer_id = users.customer_id and own.is_active)
              as "customerHasIssuer",
            frozen_at is not null as "isProviderFrozen"
     from users join issuers using (issuer_id)
       left join providers on providers.provider_id = users.provider_id
     where issuer_id = $1 and subject = $2 and users.is_active and issuers.is_active`,
    [issuerId, subject],
  );
  return row ?? null;
}

/** A key that was not revoked, by a secret of it. The transaction must see every tenant. */
export async function findKey(tx: Transaction, publicId: string): Promise<FoundKey | null> {
  const [row]: FoundKey[] = await tx.query(
    `select api_key_id as "principalId", api_keys.provider_id as "providerId",
            api_keys.customer_id as "customerId", scopes, sha256,
            reaches_all_customers as "reachesAllCustomers", last_used_at as "lastUsedAt",
            least(api_keys.expires_at, api_key_secrets.expires_at) as "expiresAt",
            frozen_at is not null as "isProviderFrozen"
     from api_key_secrets join api_keys using (api_key_id)
       left join providers on providers.provider_id = api_keys.provider_id
     where public_id = $1 and revoked_at is null`,
    [publicId],
  );
  return row ?? null;
}

/** Customers that are being purged are nobody's any more. */
const isThere = `status in ('ACTIVE', 'OFFBOARDED')`;

/**
 * What a principal reaches: its own customer, all of its provider's, or those granted that the
 * provider still looks after. The transaction must see every tenant.
 */
export async function findReach(
  tx: Transaction,
  { principalId, providerId, customerId, reachesAllCustomers }: FoundPrincipal,
): Promise<Reach> {
  if (customerId !== null) {
    const own = `customer_id = $1 and provider_id = $2 and ${isThere}`;
    return readReach(tx, `select customer_id, false from customers where ${own}`, [
      customerId,
      providerId,
    ]);
  }
  if (reachesAllCustomers) {
    const all = `select customer_id, false from customers where provider_id = $1 and ${isThere}`;
    return readReach(tx, all, [providerId]);
  }
  return readReach(
    tx,
    `select customer_id, can_approve from grants join customers using (customer_id)
     where principal_id = $1 and provider_id = $2 and ${isThere}`,
    [principalId, providerId],
  );
}

/** One text instead of an array or rows: 5,000 ids are read several times as fast. */
async function readReach(
  tx: Transaction,
  select: string,
  parameters: readonly string[],
): Promise<Reach> {
  const [row]: { customerIds: string | null; approvesFor: string | null }[] = await tx.query(
    `select string_agg(customer_id::text, ',') as "customerIds",
            string_agg(customer_id::text, ',') filter (where can_approve) as "approvesFor"
     from (${select}) as reached (customer_id, can_approve)`,
    [...parameters],
  );
  return {
    customerIds: row?.customerIds?.split(',') ?? [],
    approvesFor: row?.approvesFor?.split(',') ?? [],
  };
}
