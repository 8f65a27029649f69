/** Issuers of the local stack, each the path of its URL, with whom it is bound to. */
export const issuers = {
  operator: { owner: 'the operator' },
  nordlicht: { owner: 'Nordlicht IT' },
  alpenblick: { owner: 'Alpenblick Systems' },
  hafenwerk: { owner: 'Hafenwerk Logistik' },
} as const;

export type IssuerName = keyof typeof issuers;

export const issuerNames = Object.keys(issuers) as IssuerName[];

/** Somebody who may sign in to the local stack. */
export interface Person {
  /** Their key in `endpoints.json`. */
  readonly principal: string;
  /** Who vouches for them. */
  readonly issuer: IssuerName;
  /** Their `sub` there. */
  readonly subject: string;
  readonly name: string;
  readonly email: string;
  readonly role: string;
  /** Whether their sign-in counts as one with a second factor. */
  readonly hasMfa: boolean;
}

/** Whom tenancy lets in by its settings. */
export const firstAdministrator: Person = {
  ...{ principal: 'operatorAdmin', role: 'OPERATOR_ADMIN', hasMfa: true },
  ...{ issuer: 'operator', subject: 'ida.brandt' },
  ...{ name: 'Ida Brandt', email: 'ida.brandt@operator.example' },
};

/** The demonstration users. One of them has no second factor, so that both kinds are seen. */
export const people: readonly Person[] = [
  firstAdministrator,
  {
    ...{ principal: 'operatorLead', role: 'OPERATOR_LEAD', hasMfa: true },
    ...{ issuer: 'operator', subject: 'jonas.falk' },
    ...{ name: 'Jonas Falk', email: 'jonas.falk@operator.example' },
  },
  {
    ...{ principal: 'operatorAnalyst', role: 'OPERATOR_ANALYST', hasMfa: true },
    ...{ issuer: 'operator', subject: 'merve.aydin' },
    ...{ name: 'Merve Aydin', email: 'merve.aydin@operator.example' },
  },
  {
    ...{ principal: 'providerAdmin', role: 'PROVIDER_ADMIN', hasMfa: true },
    ...{ issuer: 'nordlicht', subject: 'frauke.petersen' },
    ...{ name: 'Frauke Petersen', email: 'frauke.petersen@nordlicht.example' },
  },
  {
    ...{ principal: 'providerTechnician', role: 'PROVIDER_TECHNICIAN', hasMfa: true },
    ...{ issuer: 'nordlicht', subject: 'malte.jansen' },
    ...{ name: 'Malte Jansen', email: 'malte.jansen@nordlicht.example' },
  },
  {
    ...{ principal: 'customerApprover', role: 'CUSTOMER_APPROVER', hasMfa: true },
    ...{ issuer: 'hafenwerk', subject: 'hauke.thomsen' },
    ...{ name: 'Hauke Thomsen', email: 'hauke.thomsen@hafenwerk.example' },
  },
  {
    ...{ principal: 'customerViewer', role: 'CUSTOMER_VIEWER', hasMfa: false },
    ...{ issuer: 'hafenwerk', subject: 'lena.groth' },
    ...{ name: 'Lena Groth', email: 'lena.groth@hafenwerk.example' },
  },
  {
    ...{ principal: 'otherProviderAdmin', role: 'PROVIDER_ADMIN', hasMfa: true },
    ...{ issuer: 'alpenblick', subject: 'resi.huber' },
    ...{ name: 'Resi Huber', email: 'resi.huber@alpenblick.example' },
  },
];
