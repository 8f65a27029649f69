import type { Random } from '../random.ts';

/** Words of which shares, folders and files are made. */
export const fileNames = {
  shares: ['Projekte', 'Projekte', 'Verwaltung', 'Vertrieb', 'Vorlagen', 'Austausch'],
  folders: [
    '2026',
    '2025',
    'Kunden\\A-K',
    'Kunden\\L-Z',
    'Einkauf',
    'Archiv',
    'Personal',
    'Plaene',
  ],
} as const;

const subjects = [
  ...['Angebot', 'Rechnung', 'Lieferschein', 'Protokoll', 'Dienstplan', 'Vertrag', 'Kalkulation'],
  ...[
    'Preisliste',
    'Urlaub',
    'Bestellung',
    'Praesentation',
    'Reisekosten',
    'Zeichnung',
    'Inventur',
  ],
] as const;

/** Such as `Angebot 2026-0417.docx`. */
export function inventFileName(random: Random, extension: string): string {
  return `${random.pick(subjects)} 2026-${random.between(1_000, 9_999)}.${extension}`;
}
