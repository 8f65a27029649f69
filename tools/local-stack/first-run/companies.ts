import type { IssuerName } from '../people.ts';

/** Somebody to ask. Their numbers are from ranges that Germany's regulator keeps for fiction. */
export interface DemoContact {
  readonly name: string;
  readonly email: string;
  readonly phone: string;
  readonly language: string;
  readonly timeZone: string;
  readonly quietHours?: { readonly from: string; readonly to: string };
}

/** What a customer of the local stack has on record. The shapes are the API's inputs. */
export interface DemoCustomer {
  /** Left out of an own estate, which has its provider's. */
  readonly name?: string;
  readonly externalReference: string;
  readonly profile: {
    readonly sector: string;
    readonly size: string;
    readonly region: string;
    readonly technologies: readonly string[];
    readonly exposure: readonly string[];
  };
  readonly signatory: { readonly name: string; readonly title: string; readonly email: string };
  readonly highestMode: string;
  readonly mayActUnanswered?: boolean;
  /** Its own policy, in place of its provider's. */
  readonly policy?: object;
  /** Its own people to ask, in order; the provider's contact comes after them. */
  readonly contacts: readonly DemoContact[];
}

export interface DemoProvider {
  readonly name: string;
  readonly issuer: IssuerName;
  readonly contact: DemoContact;
  readonly policy: object;
  readonly ownEstate: DemoCustomer;
  readonly customers: readonly (DemoCustomer & { readonly name: string })[];
}

const german = { language: 'de', timeZone: 'Europe/Berlin' } as const;
const quietNights = { from: '22:00', to: '06:00' } as const;
const officeHours = {
  ...{ weekdays: [1, 2, 3, 4, 5], from: '08:00', to: '18:00', timeZone: 'Europe/Berlin' },
} as const;

const nordlicht: DemoProvider = {
  name: 'Nordlicht IT',
  issuer: 'nordlicht',
  contact: {
    ...{ name: 'Frauke Petersen', email: 'frauke.petersen@nordlicht.example' },
    ...{ phone: '+494066969010', ...german },
  },
  // By day somebody is there to be asked.
  policy: { mode: 'COLLABORATE', whenUnanswered: 'HOLD' },
  ownEstate: {
    externalReference: 'NL-0000',
    profile: {
      ...{ sector: 'INFORMATION_TECHNOLOGY', size: 'SMALL', region: 'DE' },
      technologies: ['Microsoft 365', 'RMM', 'PSA'],
      exposure: ['REMOTE_ACCESS', 'PUBLIC_CLOUD'],
    },
    signatory: {
      ...{ name: 'Frauke Petersen', title: 'Managing director' },
      email: 'frauke.petersen@nordlicht.example',
    },
    highestMode: 'AUTHORIZE',
    contacts: [],
  },
  customers: [
    {
      name: 'Hafenwerk Logistik',
      externalReference: 'NL-1001',
      profile: {
        ...{ sector: 'TRANSPORT', size: 'MEDIUM', region: 'DE' },
        technologies: ['Microsoft 365', 'SAP', 'Windows Server'],
        exposure: ['INTERNET_FACING_SERVICES', 'THIRD_PARTY_ACCESS'],
      },
      signatory: {
        ...{ name: 'Hauke Thomsen', title: 'Head of IT' },
        email: 'hauke.thomsen@hafenwerk.example',
      },
      highestMode: 'AUTHORIZE',
      mayActUnanswered: true,
      policy: {
        ...{ mode: 'AUTHORIZE', whenUnanswered: 'ACT' },
        actionModes: [{ action: 'DISABLE_USER', mode: 'COLLABORATE' }],
        windows: [{ ...officeHours, mode: 'COLLABORATE' }],
      },
      contacts: [
        {
          ...{ name: 'Hauke Thomsen', email: 'hauke.thomsen@hafenwerk.example' },
          ...{ phone: '+494066969021', ...german, quietHours: quietNights },
        },
        {
          ...{ name: 'Wiebke Carstens', email: 'wiebke.carstens@hafenwerk.example' },
          ...{ phone: '+494066969022', ...german },
        },
      ],
    },
    {
      name: 'Praxis am Deich',
      externalReference: 'NL-1002',
      profile: {
        ...{ sector: 'HEALTHCARE', size: 'MICRO', region: 'DE' },
        technologies: ['Windows'],
        exposure: ['HEALTH_DATA'],
      },
      signatory: {
        ...{ name: 'Dr. Swantje Ehlers', title: 'Owner' },
        email: 'praxis@deich.example',
      },
      highestMode: 'COLLABORATE',
      contacts: [
        {
          ...{ name: 'Dr. Swantje Ehlers', email: 'praxis@deich.example' },
          ...{ phone: '+494066969031', ...german, quietHours: quietNights },
        },
      ],
    },
    {
      name: 'Kranich Metallbau',
      externalReference: 'NL-1003',
      profile: {
        ...{ sector: 'MANUFACTURING', size: 'SMALL', region: 'DE' },
        technologies: ['Windows Server', 'Siemens SIMATIC'],
        exposure: ['OPERATIONAL_TECHNOLOGY', 'REMOTE_ACCESS'],
      },
      signatory: {
        ...{ name: 'Bernd Kranich', title: 'Managing director' },
        email: 'bernd@kranich.example',
      },
      highestMode: 'NOTIFY',
      policy: { mode: 'NOTIFY' },
      contacts: [
        {
          name: 'Bernd Kranich',
          email: 'bernd@kranich.example',
          phone: '+494066969041',
          ...german,
        },
      ],
    },
    {
      name: 'Schulverband Geestland',
      externalReference: 'NL-1004',
      profile: {
        ...{ sector: 'EDUCATION', size: 'SMALL', region: 'DE' },
        technologies: ['Microsoft 365', 'Windows Server', 'IServ'],
        exposure: ['REMOTE_ACCESS', 'PUBLIC_CLOUD'],
      },
      signatory: {
        ...{ name: 'Inken Lorenzen', title: 'Head of administration' },
        email: 'inken.lorenzen@geestland.example',
      },
      highestMode: 'COLLABORATE',
      contacts: [
        {
          ...{ name: 'Inken Lorenzen', email: 'inken.lorenzen@geestland.example' },
          ...{ phone: '+494066969051', ...german, quietHours: quietNights },
        },
      ],
    },
    {
      name: 'Kanzlei Siel und Partner',
      externalReference: 'NL-1005',
      profile: {
        ...{ sector: 'PROFESSIONAL_SERVICES', size: 'SMALL', region: 'DE' },
        technologies: ['Microsoft 365', 'Windows Server'],
        exposure: ['REMOTE_ACCESS', 'THIRD_PARTY_ACCESS'],
      },
      signatory: {
        ...{ name: 'Dr. Gesche Siel', title: 'Partner' },
        email: 'gesche.siel@kanzlei-siel.example',
      },
      highestMode: 'AUTHORIZE',
      contacts: [
        {
          ...{ name: 'Dr. Gesche Siel', email: 'gesche.siel@kanzlei-siel.example' },
          ...{ phone: '+494066969061', ...german },
        },
        {
          ...{ name: 'Enno Feddersen', email: 'enno.feddersen@kanzlei-siel.example' },
          ...{ phone: '+494066969062', ...german, quietHours: quietNights },
        },
      ],
    },
  ],
};

const austrian = { language: 'de-AT', timeZone: 'Europe/Vienna' } as const;

const alpenblick: DemoProvider = {
  name: 'Alpenblick Systems',
  issuer: 'alpenblick',
  contact: {
    ...{ name: 'Resi Huber', email: 'resi.huber@alpenblick.example' },
    ...{ phone: '+498999998010', ...austrian },
  },
  policy: { mode: 'AUTHORIZE', whenUnanswered: 'HOLD' },
  ownEstate: {
    externalReference: 'AB-0000',
    profile: {
      ...{ sector: 'INFORMATION_TECHNOLOGY', size: 'MICRO', region: 'AT' },
      technologies: ['Google Workspace', 'RMM'],
      exposure: ['PUBLIC_CLOUD'],
    },
    signatory: {
      ...{ name: 'Resi Huber', title: 'Managing director' },
      email: 'resi.huber@alpenblick.example',
    },
    highestMode: 'AUTHORIZE',
    contacts: [],
  },
  customers: [
    {
      name: 'Sonnenhof Hotels',
      externalReference: 'AB-2001',
      profile: {
        ...{ sector: 'HOSPITALITY', size: 'MEDIUM', region: 'AT' },
        technologies: ['Microsoft 365', 'Oracle OPERA'],
        exposure: ['INTERNET_FACING_SERVICES', 'PAYMENT_DATA'],
      },
      signatory: {
        ...{ name: 'Valentin Egger', title: 'Managing director' },
        email: 'valentin.egger@sonnenhof.example',
      },
      highestMode: 'AUTHORIZE',
      contacts: [
        {
          ...{ name: 'Valentin Egger', email: 'valentin.egger@sonnenhof.example' },
          ...{ phone: '+498999998021', ...austrian },
        },
      ],
    },
    {
      name: 'Talbruck Treuhand',
      externalReference: 'AB-2002',
      profile: {
        ...{ sector: 'PROFESSIONAL_SERVICES', size: 'SMALL', region: 'AT' },
        technologies: ['Microsoft 365', 'BMD'],
        exposure: ['REMOTE_ACCESS', 'PUBLIC_CLOUD'],
      },
      signatory: {
        ...{ name: 'Mag. Leonie Pichler', title: 'Partner' },
        email: 'leonie.pichler@talbruck.example',
      },
      // Below what its provider wants: the mandate is the limit.
      highestMode: 'COLLABORATE',
      contacts: [
        {
          ...{ name: 'Mag. Leonie Pichler', email: 'leonie.pichler@talbruck.example' },
          ...{ phone: '+498999998031', ...austrian },
        },
      ],
    },
  ],
};

/** The first one's people are the principals. */
export const companies: readonly DemoProvider[] = [nordlicht, alpenblick];
