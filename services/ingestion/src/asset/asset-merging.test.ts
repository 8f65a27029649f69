import { describe, expect, it } from '@jest/globals';
import { mergeAssets } from './asset-merging.ts';
import type { AssetFacts, Separation } from './asset-groups.ts';
import { normaliseHostName, normaliseMac, shortNameOf } from './asset-names.ts';

const mac = '3c:52:82:00:53:01';
const dock = '3c:52:82:00:53:02';
const made = '02:42:ac:11:00:02';

/** An asset whose id is its host's name, which reads better here than one derived from it. */
function host(hostName: string, facts: Partial<AssetFacts> = {}): AssetFacts {
  return { assetId: hostName, hostName, agentIds: [], macs: [], ...facts };
}

/** The groups of more than one, each by name and its survivor first. */
function merged(assets: readonly AssetFacts[], apart: readonly Separation[] = []): string[][] {
  const groups = new Map<string, string[]>();
  for (const [assetId, survivor] of mergeAssets(assets, apart)) {
    groups.set(survivor, [...(groups.get(survivor) ?? []), assetId]);
  }
  return [...groups]
    .filter(([, members]) => members.length > 1)
    .map(([survivor, members]) => [survivor, ...members.filter((id) => id !== survivor).toSorted()])
    .toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1));
}

interface Example {
  readonly title: string;
  readonly assets: readonly AssetFacts[];
  readonly apart?: readonly Separation[];
  readonly groups: readonly (readonly string[])[];
}

const a1 = { agentIds: ['sophos:1'] };
const a2 = { agentIds: ['sophos:2'] };

const examples: readonly Example[] = [
  {
    title: 'a short name and the only full name that begins with it are one',
    assets: [host('ws-1'), host('ws-1.corp.example'), host('ws-2.corp.example')],
    groups: [['ws-1.corp.example', 'ws-1']],
  },
  {
    title: 'a short name that could be either of two full names is neither',
    assets: [host('ws-1'), host('ws-1.corp.example'), host('ws-1.lab.example')],
    groups: [],
  },
  {
    title: 'two full names with one short name are two',
    assets: [host('ws-1.corp.example'), host('ws-1.lab.example')],
    groups: [],
  },
  {
    title: 'full names that are one by their agent are one candidate',
    assets: [host('ws-1'), host('ws-1.corp.example', a1), host('ws-1.lab.example', a1)],
    groups: [['ws-1.corp.example', 'ws-1', 'ws-1.lab.example']],
  },
  {
    title: 'a short name and its full name are one, also where an agent ties it to a third name',
    assets: [host('ws-1', a1), host('till-1.corp.example', a1), host('ws-1.corp.example')],
    groups: [['till-1.corp.example', 'ws-1', 'ws-1.corp.example']],
  },
  {
    title: 'one agent id is one machine, whatever it is called',
    assets: [host('old-name', a1), host('new-name', a1)],
    groups: [['new-name', 'old-name']],
  },
  {
    title: 'the same id of two vendors is nothing in common',
    assets: [host('one', { agentIds: ['sophos:1'] }), host('two', { agentIds: ['other:1'] })],
    groups: [],
  },
  {
    title: 'one hardware address and one short name are one machine',
    assets: [host('ws-1.corp.example', { macs: [mac] }), host('ws-1.lab.example', { macs: [mac] })],
    groups: [['ws-1.corp.example', 'ws-1.lab.example']],
  },
  {
    title: 'computers that use one dock are two, with agents and without',
    assets: [
      host('ws-1', { ...a1, macs: [dock] }),
      host('ws-2', { ...a2, macs: [dock] }),
      host('ws-3', { macs: [dock] }),
    ],
    groups: [],
  },
  {
    title: 'agents with different ids are two machines, whatever name and address say',
    assets: [
      host('ws-1.corp.example', { ...a1, macs: [mac] }),
      host('ws-1.lab.example', { ...a2, macs: [mac] }),
    ],
    groups: [],
  },
  {
    title: 'an asset without an agent between two with different ones goes to neither',
    assets: [
      host('ws-1.a.example', { ...a1, macs: [mac] }),
      host('ws-1.b.example', { macs: [mac] }),
      host('ws-1.c.example', { ...a2, macs: [mac] }),
    ],
    groups: [],
  },
  {
    title: 'a short name with another agent than its full name is another machine',
    assets: [host('ws-1', a1), host('ws-1.corp.example', a2)],
    groups: [],
  },
  {
    title: 'a made-up address that hosts of several names have says nothing',
    assets: [
      host('ws-1.corp.example', { macs: [made] }),
      host('ws-1.lab.example', { macs: [made] }),
      host('ws-2.corp.example', { macs: [made] }),
    ],
    groups: [],
  },
  {
    title: 'an address of the internet has no short name, and localhost is everybody',
    assets: [
      host('192.0.2.7'),
      host('192'),
      host('2001:db8::1'),
      host('localhost'),
      host('localhost.localdomain'),
    ],
    groups: [],
  },
  {
    title: 'what a person told apart is not merged by its agent',
    assets: [host('one', a1), host('two', a1)],
    apart: [['one', 'two']],
    groups: [],
  },
  {
    title: 'what a person told apart is not merged through a third',
    assets: [host('one', a1), host('two', a1), host('three', a1)],
    apart: [['one', 'two']],
    groups: [['one', 'three']],
  },
  {
    title: 'a short name that is not one full name can be the other',
    assets: [host('ws-1'), host('ws-1.corp.example'), host('ws-1.lab.example')],
    apart: [['ws-1', 'ws-1.corp.example']],
    groups: [['ws-1.lab.example', 'ws-1']],
  },
];

describe('merging assets', () => {
  for (const { title, assets, apart = [], groups } of examples) {
    it(`says that ${title}`, () => {
      expect(merged(assets, apart)).toEqual(groups);
    });

    it(`says so in whatever order they were seen: ${title}`, () => {
      for (const order of permutations(assets)) expect(merged(order, apart)).toEqual(groups);
    });
  }

  it('gives the same for any order of any facts', () => {
    const random = seeded(7);
    const pick = (values: readonly string[]): string =>
      values[Math.floor(random() * values.length)] ?? '';
    const labels = ['ws-1', 'ws-2', 'ws-3'];
    const suffixes = ['', '.corp.example', '.lab.example', '.b.example'];
    for (let round = 0; round < 400; round += 1) {
      const names = new Set(Array.from({ length: 7 }, () => pick(labels) + pick(suffixes)));
      const assets = [...names].map((name) =>
        host(name, {
          agentIds: random() < 0.4 ? [`sophos:${pick(['1', '2', '3'])}`] : [],
          macs: random() < 0.6 ? [pick([mac, dock, made])] : [],
        }),
      );
      const [one, other] = [...names].toSorted();
      const apart: Separation[] = one && other && round % 3 === 0 ? [[one, other]] : [];
      const expected = merged(assets, apart);
      for (let turn = 0; turn < 5; turn += 1) {
        expect(merged(shuffled(assets, random), apart)).toEqual(expected);
      }
      const conflict = expected.find((group) =>
        apart.some((pair) => pair.every((id) => group.includes(id))),
      );
      expect(conflict).toBeUndefined();
    }
  });
});

describe('names of hosts and adapters', () => {
  it('are read in any spelling', () => {
    expect(normaliseHostName('WS-1.Corp.Example.')).toBe('ws-1.corp.example');
    for (const spelling of ['3C-52-82-00-53-01', '3c52.8200.5301', '3C:52:82:00:53:01']) {
      expect(normaliseMac(spelling)).toBe(mac);
    }
    expect(shortNameOf('ws-1.corp.example')).toBe('ws-1');
  });

  it('are none where no adapter has them', () => {
    for (const text of ['00:00:00:00:00:00', 'ff:ff:ff:ff:ff:ff', '01:00:5e:00:00:01', '', 'n/a']) {
      expect(normaliseMac(text)).toBeNull();
    }
  });
});

/** All orders of a few, and of more the rotations and their reverses. */
function permutations<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  const turns = items.map((_, index) => [...items.slice(index), ...items.slice(0, index)]);
  return [...turns, ...turns.map((turn) => turn.toReversed())];
}

function shuffled<Item>(items: readonly Item[], random: () => number): readonly Item[] {
  return items
    .map((item) => ({ item, place: random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

/** Numbers from 0 to 1 that are the same in every run (Mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}
