/** Somebody who works at a company and signs in to its machines. */
export interface Employee {
  /** Their account's name, such as `j.petersen`. */
  readonly account: string;
  readonly name: string;
  readonly department: string;
}

export type HostRole =
  'WORKSTATION' | 'DOMAIN_CONTROLLER' | 'FILE_SERVER' | 'APPLICATION_SERVER' | 'BACKUP_SERVER';

/** A machine that reports what happens on it. */
export interface Host {
  /** Such as `HW-PC-014`. */
  readonly name: string;
  /** Such as `10.20.4.14`. */
  readonly ip: string;
  readonly role: HostRole;
  /** Who sits at it; absent for servers. */
  readonly owner?: Employee;
}

/** What stands at a company: its machines, its people, its network. All of it is invented. */
export interface Estate {
  readonly company: string;
  /** The Windows domain, such as `HAFENWERK`; also the realm of its accounts. */
  readonly domain: string;
  /** Such as `hafenwerk.example`. */
  readonly dnsDomain: string;
  /** IANA name; working hours are hours there. */
  readonly timeZone: string;
  readonly sector: string;
  readonly employees: readonly Employee[];
  readonly hosts: readonly Host[];
  /** The account that the provider's remote-management agent and admins use there. */
  readonly providerAdmin: string;
}
