import { randomBytes } from 'node:crypto';
import { newId, openWithKey, sealWithKey } from '@vedette/service-kit';
import type { OperationContext, SecretBox, Transaction } from '@vedette/service-kit';
import { hashDeed } from './deed-chain.ts';
import type { DeedFacts } from './deed-chain.ts';
import { findCustomerKeys, insertCustomerKeys, insertDeeds, lockLedgers } from './deed-store.ts';
import type { DeedRow } from './deed-store.ts';

/** Something that was done to what decides who may see and do what. */
export interface Deed {
  /** Noun and verb, such as `policy.set`. */
  readonly kind: string;
  /** Whose affair it is; the operator's own have `operatorId` for a provider. */
  readonly providerId: string;
  readonly customerId?: string | null;
  readonly targetType: string;
  readonly targetId: string;
  /** What changed, before and after; secrets are left out. Null before what is new, after what is gone. */
  readonly before: object | null;
  readonly after: object | null;
}

/** From what to what. */
export interface Change {
  readonly before: object | null;
  readonly after: object | null;
}

/** The ledger of administrative deeds, one chain for each customer and each provider. */
export interface DeedBook {
  /**
   * Writes deeds in the transaction of what was done, so that there is never one without the other.
   * The ledgers are locked until its end. Of a deed that changes nothing nothing is written.
   */
  record(tx: Transaction, ctx: OperationContext, deeds: readonly Deed[]): Promise<void>;
  /** What deeds changed, in their order; null where the customer's key was destroyed. */
  open(tx: Transaction, rows: readonly DeedRow[]): Promise<readonly (Change | null)[]>;
}

/** What every operation that changes something administrative takes. */
export interface AccountableContext extends OperationContext {
  readonly deeds: DeedBook;
}

/** Changes are sealed: a customer's with a key of its own that its purge destroys. */
export function createDeedBook(secrets: SecretBox): DeedBook {
  return {
    record: async (tx, ctx, deeds) => {
      const changing = deeds.filter(isChange);
      if (changing.length === 0) return;
      const ends = await lockLedgers(tx, ledgersOf(changing));
      const keys = await ensureKeys(tx, secrets, changing);
      const last = new Map(ends);
      const rows = changing.map((deed): DeedRow => {
        const ledger = ledgerOf(deed);
        const end = last.get(ledger);
        if (!end) throw new Error(`ledger ${ledger} was not locked`);
        const row = toRow(deed, ctx, { ledger, sequence: end.sequence + 1 }, (text, deedId) =>
          seal(secrets, keys.get(deed.customerId ?? ''), text, deedId),
        );
        const hash = hashDeed(end.hash, row);
        last.set(ledger, { sequence: row.sequence, hash });
        return { ...row, previousHash: end.hash, hash };
      });
      await insertDeeds(tx, rows);
    },
    open: async (tx, rows) => {
      const customerIds = rows.flatMap(({ customerId }) => customerId ?? []);
      const sealedKeys = await findCustomerKeys(tx, [...new Set(customerIds)]);
      return rows.map(({ customerId, deedId, sealedChange }): Change | null => {
        const context = `deed:${deedId}`;
        if (customerId === null) return JSON.parse(secrets.open(sealedChange, context)) as Change;
        const sealedKey = sealedKeys.get(customerId);
        if (sealedKey === undefined) return null;
        const key = openKey(secrets, customerId, sealedKey);
        return JSON.parse(openWithKey(key, sealedChange, context)) as Change;
      });
    },
  };
}

function isChange({ before, after }: Deed): boolean {
  return JSON.stringify(before) !== JSON.stringify(after);
}

function ledgerOf({ customerId, providerId }: Deed): string {
  return customerId ?? providerId;
}

/**
 * Ledgers in the order in which everybody locks them, so that no two wait for each other: customers'
 * before providers', each by id. Who records twice in a transaction records about customers first.
 */
function ledgersOf(deeds: readonly Deed[]): readonly string[] {
  const [ofCustomers, ofProviders] = [true, false].map((isOfCustomer) => {
    const those = deeds.filter(({ customerId }) => Boolean(customerId) === isOfCustomer);
    return [...new Set(those.map(ledgerOf))].toSorted();
  });
  return [...(ofCustomers ?? []), ...(ofProviders ?? [])];
}

function toRow(
  deed: Deed,
  ctx: OperationContext,
  place: { readonly ledger: string; readonly sequence: number },
  sealChange: (text: string, deedId: string) => string,
): Omit<DeedRow, 'hash' | 'previousHash'> & DeedFacts {
  const at = ctx.clock();
  const deedId = newId(at.getTime());
  const { before, after } = deed;
  return {
    ...place,
    deedId,
    providerId: deed.providerId,
    customerId: deed.customerId ?? null,
    at,
    actor: ctx.viewer.principalId,
    actorRole: ctx.viewer.role,
    kind: deed.kind,
    targetType: deed.targetType,
    targetId: deed.targetId,
    sealedChange: sealChange(JSON.stringify({ before, after }), deedId),
  };
}

function seal(secrets: SecretBox, key: Buffer | undefined, text: string, deedId: string): string {
  const context = `deed:${deedId}`;
  return key ? sealWithKey(key, text, context) : secrets.seal(text, context);
}

/** Keys of the customers that the deeds are about; who has none yet gets one. */
async function ensureKeys(
  tx: Transaction,
  secrets: SecretBox,
  deeds: readonly Deed[],
): Promise<ReadonlyMap<string, Buffer>> {
  const customerIds = [...new Set(deeds.flatMap(({ customerId }) => customerId ?? []))];
  if (customerIds.length === 0) return new Map();
  const known = await findCustomerKeys(tx, customerIds);
  const made = new Map(
    customerIds
      .filter((customerId) => !known.has(customerId))
      .map((customerId) => [customerId, randomBytes(32)] as const),
  );
  if (made.size > 0) {
    const sealed = [...made].map(
      ([id, key]) => [id, secrets.seal(key.toString('base64'), keyContext(id))] as const,
    );
    await insertCustomerKeys(tx, new Map(sealed));
  }
  const opened = [...known].map(([id, sealed]) => [id, openKey(secrets, id, sealed)] as const);
  return new Map([...opened, ...made]);
}

const keyContext = (customerId: string): string => `customer:${customerId}`;

function openKey(secrets: SecretBox, customerId: string, sealed: string): Buffer {
  return Buffer.from(secrets.open(sealed, keyContext(customerId)), 'base64');
}
