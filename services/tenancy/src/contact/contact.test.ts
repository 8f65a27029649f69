import { describe, expect, it } from '@jest/globals';
import { newId } from '@vedette/service-kit';
import { parseContact, parseContactChanges, parseNewRungs, parseRungs } from './contact-input.ts';
import type { ContactInput } from './contact-input.ts';
import { isReachedBy, isSameLadder, mayBeAskedAbout, removedContacts } from './contact.ts';
import type { Channel, Contact, Rung } from './contact.ts';

const customer = { customerId: newId(), providerId: newId() };

function aContact(changed: Partial<Contact> = {}): Contact {
  return {
    ...{ contactId: newId(), ...customer, version: 1, name: 'Jens Petersen' },
    ...{ email: 'jens@hafenwerk.example', phone: null, chatWebhookUrl: null },
    ...{ language: 'de', timeZone: 'Europe/Berlin', quietHours: null },
    ...changed,
  };
}

const aRung = (contact: Contact, channel: Channel = 'EMAIL'): Rung => ({
  ...{ contact, channel, timeoutMinutes: 15 },
});

describe('a contact', () => {
  it('is reached by the channels that it has an address for', () => {
    const channels: readonly Channel[] = ['EMAIL', 'CHAT', 'SMS', 'VOICE'];
    const reachedBy = (changed: Partial<Contact>): Channel[] =>
      channels.filter((channel) => isReachedBy(aContact({ email: null, ...changed }), channel));
    expect(reachedBy({ email: 'jens@hafenwerk.example' })).toEqual(['EMAIL']);
    expect(reachedBy({ phone: '+4940123456' })).toEqual(['SMS', 'VOICE']);
    expect(reachedBy({ chatWebhookUrl: 'https://chat.example/1' })).toEqual(['CHAT']);
  });

  it("may be asked about its own customer and, as a provider's, about that provider's customers", () => {
    const other = newId();
    expect(mayBeAskedAbout(aContact(), customer)).toBe(true);
    expect(mayBeAskedAbout(aContact({ customerId: other }), customer)).toBe(false);
    expect(mayBeAskedAbout(aContact({ customerId: null }), customer)).toBe(true);
    expect(mayBeAskedAbout(aContact({ customerId: null, providerId: other }), customer)).toBe(
      false,
    );
  });

  const input: ContactInput = { name: 'Jens', phone: '+49 40 123456' };

  it('is asked in English and UTC, at any hour, unless it says otherwise', () => {
    expect(parseContact('input.contact', input)).toEqual({
      ...{ name: 'Jens', email: null, phone: '+4940123456', chatWebhookUrl: null },
      ...{ language: 'en', timeZone: 'UTC', quietHours: null },
    });
  });

  it('without any address is refused, and so is one with bad quiet hours', () => {
    expect(() => parseContact('input.contact', { name: 'Jens' })).toThrow("'input.contact'");
    const quietHours = { from: '22:00', to: '25:00' };
    expect(() => parseContact('input.contact', { ...input, quietHours })).toThrow(
      "'input.contact.quietHours.to'",
    );
  });
});

describe('a change of a contact', () => {
  const before = aContact({ phone: '+4940123456', quietHours: { fromMinute: 60, toMinute: 360 } });
  const change = (changes: object) => parseContactChanges('input.contact', changes, before);

  it('changes what is given and leaves the rest', () => {
    const { contactId: _, customerId: __, providerId: ___, version: ____, ...details } = before;
    expect(change({})).toEqual(details);
    expect(change({ name: 'Inken', email: 'inken@hafenwerk.example' })).toEqual({
      ...details,
      ...{ name: 'Inken', email: 'inken@hafenwerk.example' },
    });
    const quietHours = { from: '22:00', to: '06:00' };
    expect(change({ quietHours, phone: undefined })).toEqual({
      ...details,
      quietHours: { fromMinute: 1320, toMinute: 360 },
    });
  });

  it('clears what is null, language and time zone to what a new contact has', () => {
    expect(change({ phone: null, quietHours: null, language: null, timeZone: null })).toMatchObject(
      {
        ...{ email: before.email, phone: null, quietHours: null, language: 'en', timeZone: 'UTC' },
      },
    );
    expect(() => change({ name: null })).toThrow("'input.contact.name' is not valid: cannot be");
    expect(() => change({ phone: null, email: null })).toThrow(
      "'input.contact' is not valid: has no e-mail address, telephone number or chat webhook",
    );
  });
});

describe('a ladder', () => {
  const [jens, inken] = [aContact(), aContact({ name: 'Inken' })];

  it('may ask the same person twice, and tells each who is gone from it once', () => {
    const before = [aRung(jens), aRung(jens, 'SMS'), aRung(inken), aRung(jens)];
    expect(removedContacts(before, [aRung(inken)])).toEqual([jens]);
    expect(removedContacts(before, [aRung(jens, 'VOICE')])).toEqual([inken]);
    expect(removedContacts(before, [])).toEqual([jens, inken]);
  });

  it('is another one with other people, order, channels or time-outs', () => {
    const ladder = [aRung(jens), aRung(inken)];
    expect(isSameLadder(ladder, [aRung({ ...jens, name: 'J.' }), aRung(inken)])).toBe(true);
    expect(isSameLadder(ladder, ladder.toReversed())).toBe(false);
    expect(isSameLadder(ladder, [aRung(jens), aRung(inken, 'SMS')])).toBe(false);
    expect(isSameLadder(ladder, [...ladder, aRung(jens)])).toBe(false);
    expect(isSameLadder(ladder, [aRung(jens), { ...aRung(inken), timeoutMinutes: 5 }])).toBe(false);
  });

  it('is refused with more than 20 rungs, a bad time-out, or a channel without its address', () => {
    const rung = { contactId: jens.contactId, channel: 'EMAIL' } as const;
    expect(parseRungs('input.rungs', [rung])).toEqual([{ ...rung, timeoutMinutes: 15 }]);
    expect(() =>
      parseRungs(
        'input.rungs',
        Array.from({ length: 21 }, () => rung),
      ),
    ).toThrow('20');
    for (const timeoutMinutes of [0, 1441, -1]) {
      expect(() => parseRungs('input.rungs', [rung, { ...rung, timeoutMinutes }])).toThrow(
        "'input.rungs.1.timeoutMinutes'",
      );
    }
    const contact = { name: 'Jens', email: 'jens@hafenwerk.example' };
    expect(() => parseNewRungs('input.ladder', [{ contact, channel: 'SMS' }])).toThrow(
      "'input.ladder.0.channel' is not valid: the contact has no address for SMS",
    );
  });
});
