import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ForbiddenError,
  InvalidInputError,
  newId,
  NotFoundError,
  PlanRequiredError,
} from '@vedette/service-kit';
import type { Viewer } from '@vedette/service-kit';
import type { CustomerRow } from '../customer/customer-store.ts';
import type { AccountableContext } from '../deed/deed-book.ts';
import { listDeeds } from '../deed/deed-operations.ts';
import type { ProviderRow } from '../provider/provider-store.ts';
import { buildPrincipals } from '../testing/principal-builders.ts';
import { adminOf, operatorAdmin, startTenancyTables } from '../testing/test-tenancy.ts';
import type { TenancyTables } from '../testing/test-tenancy.ts';
import { toldEvents } from '../testing/told-events.ts';
import { updateUser } from '../user/user-operations.ts';
import type { UserRow } from '../user/user-store.ts';
import { assignServiceContact, loadServiceContacts } from './service-contact-operations.ts';

let tables: TenancyTables;
let provider: ProviderRow;
let customer: CustomerRow;
let olga: UserRow;
let mara: UserRow;
let techniker: UserRow;

beforeAll(async () => {
  tables = await startTenancyTables();
  provider = await tables.aProvider();
  customer = await tables.aCustomer(provider, { plan: 'ADVANCED' });
  const principals = buildPrincipals(tables);
  const issuer = await principals.anIssuer();
  olga = await principals.aUser(issuer, 'OPERATOR_ANALYST', { name: 'Olga' });
  mara = await principals.aUser(issuer, 'OPERATOR_LEAD', { name: 'Mara' });
  const ofProvider = await principals.anIssuer({ providerId: provider.providerId });
  techniker = await principals.aUser(ofProvider, 'PROVIDER_TECHNICIAN');
});

afterAll(() => tables.stop());

const asOperator = (now?: Date): AccountableContext => tables.contextFor(operatorAdmin, now);
const callBackNumber = '+4940123456';

const assign = (
  { customerId }: Pick<CustomerRow, 'customerId'>,
  contactId: string,
  deputyId: string | null = null,
  ctx = asOperator(),
) => assignServiceContact(ctx, { customerId, contactId, deputyId, callBackNumber });

const seenBy = async (viewer: Viewer) =>
  (await loadServiceContacts(tables.contextFor(viewer), [customer.customerId]))[0];

describe('the service contact', () => {
  it('is shown with its deputy to all who reach the customer', async () => {
    await assign(customer, olga.userId, mara.userId);
    const contact = {
      ...{ contactId: olga.userId, name: 'Olga', deputyId: mara.userId, deputyName: 'Mara' },
      ...{ callBackNumber, version: 1 },
    };
    const ofCustomer: Viewer = {
      ...{ ...adminOf(provider), role: 'CUSTOMER_VIEWER', customerIds: [customer.customerId] },
    };
    for (const viewer of [operatorAdmin, adminOf(provider, customer), ofCustomer]) {
      expect(await seenBy(viewer)).toMatchObject(contact);
    }
    expect(await seenBy(adminOf(provider))).toBeNull();
  });

  it('is told of once for each change, with a deed', async () => {
    await assign(customer, olga.userId, mara.userId);
    await assign(customer, mara.userId, null, asOperator(new Date('2026-03-02T08:00:00Z')));
    const { customerId } = customer;
    const told = await toldEvents(asOperator().db, `${customerId}/service-contact`);
    expect(told.map(({ meta, event }) => [meta?.aggregateVersion, event.value])).toMatchObject([
      [1n, { serviceContactId: olga.userId, deputyId: mara.userId }],
      [2n, { serviceContactId: mara.userId, deputyId: '' }],
    ]);
    const { nodes } = await listDeeds(asOperator(), { filter: { customerId } });
    expect(nodes[0]).toMatchObject({
      kind: 'service-contact.assign',
      change: { before: { contactId: olga.userId }, after: { contactId: mara.userId } },
    });
  });

  it('is for customers of the plan ADVANCED only', async () => {
    const standard = await tables.aCustomer(provider, { plan: 'STANDARD' });
    await expect(assign(standard, olga.userId)).rejects.toThrow(PlanRequiredError);
  });

  it('is two different active people of the operator', async () => {
    const refusal = expect.objectContaining({ code: 'BAD_USER_INPUT' });
    await expect(assign(customer, olga.userId, olga.userId)).rejects.toEqual(refusal);
    await expect(assign(customer, techniker.userId)).rejects.toThrow(InvalidInputError);
    await expect(assign(customer, olga.userId, techniker.userId)).rejects.toThrow(
      "'input.deputyId' is not valid: is not an active user of the operator",
    );
    const nobody = newId();
    await expect(assign(customer, nobody)).rejects.toThrow(new NotFoundError('User', nobody));
    await expect(assign({ customerId: nobody }, olga.userId)).rejects.toThrow(
      new NotFoundError('Customer', nobody),
    );
  });

  it('is assigned by leads of the operator, and by nobody of a provider', async () => {
    const admin = tables.contextFor(adminOf(provider, customer));
    await expect(assign(customer, olga.userId, null, admin)).rejects.toThrow(ForbiddenError);
    const analyst = tables.contextFor({ ...operatorAdmin, role: 'OPERATOR_ANALYST' });
    await expect(assign(customer, olga.userId, null, analyst)).rejects.toThrow(ForbiddenError);
  });

  it('is nobody once the person may no longer sign in', async () => {
    await assign(customer, mara.userId, olga.userId);
    const ctx = buildPrincipals(tables).contextFor(operatorAdmin);
    const end = ({ userId, version }: UserRow) =>
      updateUser(ctx, { userId, expectedVersion: version, isActive: false });
    await end(olga);
    expect(await seenBy(operatorAdmin)).toMatchObject({ name: 'Mara', deputyId: null });
    await end(mara);
    expect(await seenBy(operatorAdmin)).toBeNull();
    await expect(assign(customer, mara.userId)).rejects.toThrow(InvalidInputError);
  });
});
