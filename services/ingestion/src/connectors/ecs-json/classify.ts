import type { Fields } from '@vedette/event-model';

type Kind = readonly [classUid: number, activityId: number];

/** Activity by `event.type`; `*` where none of the types is listed. */
type Activities = Readonly<Record<string, number>>;

interface Category {
  readonly classUid: number;
  readonly activities: Activities;
}

const other = 99;

/** What `event.category` is in OCSF, the most telling categories first: a document may have several. */
const categories: readonly (readonly [category: string, Category])[] = [
  ['authentication', { classUid: 3002, activities: { start: 1, end: 2, '*': other } }],
  [
    'registry',
    {
      classUid: 201001,
      activities: { creation: 1, access: 2, change: 3, deletion: 4, '*': other },
    },
  ],
  ['library', { classUid: 1005, activities: { '*': 1 } }],
  ['driver', { classUid: 1002, activities: { end: 2, '*': 1 } }],
  [
    'file',
    { classUid: 1001, activities: { creation: 1, access: 2, change: 3, deletion: 4, '*': other } },
  ],
  ['process', { classUid: 1007, activities: { start: 1, end: 2, access: 3, '*': other } }],
  ['iam', { classUid: 3001, activities: { creation: 1, deletion: 6, '*': other } }],
  ['web', { classUid: 4002, activities: { '*': other } }],
  ['email', { classUid: 4009, activities: { '*': other } }],
  [
    'network',
    {
      classUid: 4001,
      activities: { denied: 5, start: 1, end: 2, connection: 6, protocol: 6, '*': 6 },
    },
  ],
  ['session', { classUid: 3002, activities: { start: 1, end: 2, '*': other } }],
  [
    'package',
    {
      classUid: 6002,
      activities: { installation: 1, deletion: 2, start: 3, end: 4, change: 8, '*': other },
    },
  ],
  [
    'api',
    { classUid: 6003, activities: { creation: 1, access: 2, change: 3, deletion: 4, '*': other } },
  ],
  ['configuration', { classUid: 5019, activities: { '*': 1 } }],
];

const findingCategories = ['malware', 'intrusion_detection', 'threat', 'vulnerability'];
const methods: Activities = { CONNECT: 1, DELETE: 2, GET: 3, HEAD: 4, OPTIONS: 5, POST: 6, PUT: 7 };

/** OCSF class and activity of an ECS document by `event.kind`, `event.category` and `event.type`; 0 for none. */
export function classify(fields: Fields): Kind {
  const told = wordsOf(fields['event.category']);
  const types = wordsOf(fields['event.type']);
  const isAlert =
    wordsOf(fields['event.kind']).includes('alert') || fields['kibana.alert.uuid'] !== undefined;
  if (isAlert || told.some((word) => findingCategories.includes(word))) return [2004, 1];
  const category = categories.find(([name]) => told.includes(name))?.[1];
  if (category === undefined) return [0, 0];
  return refine(category.classUid, activityIn(category.activities, types), fields, types);
}

/** Some classes of OCSF are told apart by what else a document has. */
function refine(
  classUid: number,
  activityId: number,
  fields: Fields,
  types: readonly string[],
): Kind {
  switch (classUid) {
    case 201001: {
      if (fields['registry.value'] === undefined) return [classUid, activityId];
      return [201002, activityIn({ access: 1, deletion: 4, '*': 2 }, types)];
    }
    case 1001:
      return fields['event.action'] === 'rename' ? [classUid, 5] : [classUid, activityId];
    case 1007:
      return fields['powershell.file.script_block_text'] === undefined
        ? [classUid, activityId]
        : [1009, 1];
    case 3001:
      return types.includes('group')
        ? [3006, activityIn({ creation: 6, deletion: 5, change: 9, '*': other }, types)]
        : [classUid, activityId];
    case 4001: {
      if (fields['dns.question.name'] === undefined) return [classUid, activityId];
      const isAnswer = fields['dns.type'] === 'answer' || fields['dns.answers.data'] !== undefined;
      return [4003, isAnswer ? 2 : 1];
    }
    case 4002: {
      const method = wordsOf(fields['http.request.method'])[0]?.toUpperCase() ?? '';
      return [classUid, Object.hasOwn(methods, method) ? (methods[method] ?? other) : other];
    }
    default:
      return [classUid, activityId];
  }
}

function activityIn(activities: Activities, types: readonly string[]): number {
  const found = Object.keys(activities).find((type) => types.includes(type));
  return activities[found ?? '*'] ?? other;
}

/** The first words of a field that should hold one or a few. */
function wordsOf(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value.slice(0, 16) : [value];
  return list.filter((word) => typeof word === 'string');
}
