/** Given and family names, mixed at will; any likeness to a living person is chance. */
export const givenNames: readonly string[] = [
  ...['Anna', 'Bente', 'Carla', 'Dilan', 'Elif', 'Frida', 'Greta', 'Hanne', 'Ines', 'Jana'],
  ...['Katja', 'Lena', 'Mira', 'Nele', 'Olga', 'Pia', 'Rosa', 'Svea', 'Tilda', 'Ute'],
  ...['Arne', 'Bjarne', 'Cem', 'Daniel', 'Emil', 'Felix', 'Goran', 'Henrik', 'Ivo', 'Jonas'],
  ...['Kai', 'Lasse', 'Malte', 'Niklas', 'Ole', 'Paul', 'Rafael', 'Stefan', 'Tom', 'Viktor'],
];

/** ASCII: account names are made of them. */
export const familyNames: readonly string[] = [
  ...['Ahlers', 'Brandt', 'Carstens', 'Demir', 'Ebert', 'Falk', 'Gerdes', 'Hansen', 'Ipsen'],
  ...['Jansen', 'Kaya', 'Lorenz', 'Martens', 'Nowak', 'Ohm', 'Petersen', 'Quade', 'Reimers'],
  ...['Sievers', 'Thomsen', 'Ulrich', 'Voss', 'Winter', 'Yilmaz', 'Zander', 'Behrens', 'Dirks'],
  ...['Engel', 'Frank', 'Grabowski', 'Hinrichs', 'Jessen', 'Kramer', 'Lund', 'Meinert', 'Otto'],
  ...['Paulsen', 'Rickert', 'Steen', 'Tiedemann', 'Weiss', 'Wulf', 'Arslan', 'Boysen', 'Claus'],
];

const departments: Readonly<Record<string, readonly string[]>> = {
  Software: ['Management', 'Accounts', 'Sales', 'Development', 'Development', 'Development'],
  Tax: ['Management', 'Accounts', 'Office', 'Accounts', 'Accounts', 'Office'],
  Health: ['Management', 'Accounts', 'Reception', 'Care', 'Care', 'Reception'],
  Manufacturing: ['Management', 'Accounts', 'Sales', 'Production', 'Engineering', 'Purchasing'],
  Logistics: ['Management', 'Accounts', 'Dispatch', 'Dispatch', 'Warehouse', 'Sales'],
  Hospitality: ['Management', 'Accounts', 'Reception', 'Reception', 'Kitchen', 'Events'],
};

/** Management, accounts and a third one, then by how many work there. */
export function departmentsOf(sector: string): readonly string[] {
  return (
    departments[sector] ?? ['Management', 'Accounts', 'Sales', 'Office', 'Sales', 'Purchasing']
  );
}

/** A company of the test customers. */
export interface InventedCompany {
  readonly company: string;
  readonly domain: string;
  readonly hostPrefix: string;
  readonly sector: string;
  readonly timeZone: string;
  readonly employees: number;
}

const berlin = 'Europe/Berlin';
const zurich = 'Europe/Zurich';

/** Of several sizes and sectors; every list of customers begins with these. */
export const inventedCompanies: readonly InventedCompany[] = [
  company('Quellwerk Maschinenbau', 'QUELLWERK', 'QW', 'Manufacturing', berlin, 42),
  company('Rotbuche Steuerberatung', 'ROTBUCHE', 'RB', 'Tax', berlin, 14),
  company('Eisvogel Software', 'EISVOGEL', 'EV', 'Software', zurich, 26),
  company('Wattblick Hotels', 'WATTBLICK', 'WB', 'Hospitality', berlin, 33),
  company('Kieselbach Zahntechnik', 'KIESELBACH', 'KB', 'Health', 'Europe/Vienna', 9),
  company('Seeadler Spedition', 'SEEADLER', 'SA', 'Logistics', 'Europe/Amsterdam', 64),
  company('Tannhof Holzbau', 'TANNHOF', 'TH', 'Construction', berlin, 18),
  company('Federkiel Verlag', 'FEDERKIEL', 'FK', 'Publishing', zurich, 12),
  company('Lerchenhof Apotheken', 'LERCHENHOF', 'LH', 'Health', berlin, 22),
  company('Granitweg Tiefbau', 'GRANITWEG', 'GW', 'Construction', 'Europe/Helsinki', 51),
  company('Marschland Agrar', 'MARSCHLAND', 'ML', 'Agriculture', berlin, 7),
  company('Glimmer Optik', 'GLIMMER', 'GO', 'Retail', zurich, 16),
  company('Ankerplatz Reederei', 'ANKERPLATZ', 'AP', 'Logistics', 'Europe/Lisbon', 38),
  company('Sonnenfeld Pflege', 'SONNENFELD', 'SF', 'Health', berlin, 85),
  company('Holm Architekten', 'HOLMARCH', 'HA', 'Architecture', 'Europe/Copenhagen', 11),
  company('Moorwiese Molkerei', 'MOORWIESE', 'MW', 'Manufacturing', berlin, 29),
  company('Silberpfad Touristik', 'SILBERPFAD', 'SP', 'Hospitality', 'Europe/Vienna', 8),
  company('Hopfengarten Brauerei', 'HOPFENGARTEN', 'HG', 'Manufacturing', berlin, 24),
  company('Alsterkontor Immobilien', 'ALSTERKONTOR', 'AK', 'Property', berlin, 19),
  company('Nordstern Elektro', 'NORDSTERN', 'NS', 'Trade', 'Europe/Oslo', 31),
];

function company(
  name: string,
  domain: string,
  hostPrefix: string,
  sector: string,
  timeZone: string,
  employees: number,
): InventedCompany {
  return { company: name, domain, hostPrefix, sector, timeZone, employees };
}
