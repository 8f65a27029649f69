import { create, toBinary } from '@bufbuild/protobuf';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { TenancyEventSchema } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import { forgetOnTenancyEvent } from './tenancy-events.ts';

type Event = NonNullable<MessageInitShape<typeof TenancyEventSchema>['event']>;

/** What is forgotten when a provider's event comes. */
function forgottenOn(event: Event | undefined): string[] {
  const forgotten: string[] = [];
  const message = create(TenancyEventSchema, {
    meta: { providerId: 'provider' },
    ...(event ? { event } : {}),
  });
  forgetOnTenancyEvent(toBinary(TenancyEventSchema, message), {
    viewers: {
      forgetPrincipal: (id) => forgotten.push(`principal ${id}`),
      forgetProvider: (id) => forgotten.push(`provider ${id}`),
      forgetAll: () => forgotten.push('all'),
    },
    issuers: {
      reload: async () => void forgotten.push('issuers'),
    },
  });
  return forgotten;
}

describe('an event of tenancy', () => {
  it('about a principal makes us ask again who that is', () => {
    const value = { principalId: 'anna' };
    expect(forgottenOn({ case: 'principalChanged', value })).toEqual(['principal anna']);
  });

  it('about an issuer makes us read the issuers and ask about everybody', () => {
    const value = { issuerId: 'issuer' };
    expect(forgottenOn({ case: 'issuerChanged', value })).toEqual(['all', 'issuers']);
  });

  it.each<Event>([
    { case: 'providerFrozen', value: {} },
    { case: 'providerUnfrozen', value: {} },
    { case: 'customerOnboarded', value: {} },
    { case: 'customerOffboarded', value: {} },
    { case: 'customerPurgeCompleted', value: {} },
  ])("$case makes us ask again about the provider's people", (event) => {
    expect(forgottenOn(event)).toEqual(['provider provider']);
  });

  it('about a customer that moved makes us ask again about the people of both providers', () => {
    const value = { fromProviderId: 'former' };
    expect(forgottenOn({ case: 'customerMoved', value })).toEqual([
      'provider former',
      'provider provider',
    ]);
  });

  it.each<Event | undefined>([
    { case: 'contactLadderChanged', value: {} },
    { case: 'customerChanged', value: {} },
    undefined,
  ])('of another kind changes nothing', (event) => {
    expect(forgottenOn(event)).toEqual([]);
  });

  it('that cannot be read is an error, after which everything is asked again', () => {
    const remembered = {
      viewers: { forgetPrincipal: fail, forgetProvider: fail, forgetAll: fail },
      issuers: { reload: fail },
    };
    expect(() => forgetOnTenancyEvent(Buffer.from('garbled'), remembered)).toThrow();
  });
});

function fail(): never {
  throw new Error('nothing was told');
}
