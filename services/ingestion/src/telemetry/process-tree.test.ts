import { describe, expect, it } from '@jest/globals';
import { buildProcessTree, maxDepth, maxNodes } from './process-tree.ts';
import type { ProcessFacts, ProcessTree } from './process-tree.ts';

/** A process that started in some minute. */
function aProcess(name: string, minute: number, changes: Partial<ProcessFacts> = {}): ProcessFacts {
  return {
    eventId: name,
    occurredAt: new Date(Date.UTC(2026, 0, 1, 0, minute)),
    userName: 'CORP\\ada',
    ...{ uid: null, pid: null, image: `C:\\${name}.exe`, commandLine: name },
    parent: { uid: null, pid: null, image: null, commandLine: null },
    ...changes,
  };
}

function by(parent: Partial<ProcessFacts['parent']>): Pick<ProcessFacts, 'parent'> {
  return { parent: { uid: null, pid: null, image: null, commandLine: null, ...parent } };
}

/** Each process with what is above it, such as `a > b*`; the selected one has a star. */
function draw({ nodes }: ProcessTree): string[] {
  return nodes.map((node) => {
    const above = node.parent === null ? null : nodes[node.parent];
    const name = (each: typeof node) => `${each.commandLine ?? '?'}${each.isSelected ? '*' : ''}`;
    return above ? `${name(above)} > ${name(node)}` : name(node);
  });
}

/** The tree around one of the launches. */
function treeOf(name: string, launches: readonly ProcessFacts[]): ProcessTree {
  const selected = launches.find(({ eventId }) => eventId === name);
  if (!selected) throw new Error(`no launch ${name}`);
  return buildProcessTree(selected, launches);
}

describe('a process tree', () => {
  it('goes by what identifies processes for good, whatever their numbers', () => {
    const launches = [
      aProcess('shell', 1, { uid: 'S', pid: '7' }),
      aProcess('other', 2, { uid: 'O', pid: '7' }),
      aProcess('tool', 3, { uid: 'T', pid: '8', ...by({ uid: 'S', pid: '7' }) }),
      aProcess('child', 4, { uid: 'C', ...by({ uid: 'T' }) }),
      aProcess('stranger', 4, { uid: 'X', ...by({ uid: 'O' }) }),
    ];
    const tree = treeOf('tool', launches);
    expect(draw(tree)).toEqual(['shell', 'shell > tool*', 'tool* > child']);
    expect(tree.isComplete).toBe(true);
  });

  it('goes by numbers where there is nothing else: the latest process that had one then', () => {
    const launches = [
      aProcess('first', 1, { pid: '7' }),
      aProcess('second', 5, { pid: '7' }),
      aProcess('early', 3, { pid: '9', ...by({ pid: '7' }) }),
      aProcess('late', 6, { pid: '10', ...by({ pid: '7' }) }),
    ];
    expect(draw(treeOf('early', launches))).toEqual(['first', 'first > early*']);
    expect(draw(treeOf('second', launches))).toEqual(['second*', 'second* > late']);
  });

  it('names a parent that only its child tells of, without an event', () => {
    const tool = aProcess('tool', 3, { uid: 'T', ...by({ uid: 'S', commandLine: 'unseen' }) });
    const { nodes } = buildProcessTree(tool, [tool]);
    expect(nodes.map(({ eventId }) => eventId)).toEqual([null, 'tool']);
    expect(draw({ nodes, isComplete: true })).toEqual(['unseen', 'unseen > tool*']);
  });

  it('has the process of an event that is no start, known or not', () => {
    const launches = [aProcess('tool', 1, { uid: 'T' }), aProcess('child', 3, by({ uid: 'T' }))];
    const connection = aProcess('connection', 2, { uid: 'T' });
    expect(draw(buildProcessTree(connection, launches))).toEqual(['tool*', 'tool* > child']);
    expect(draw(buildProcessTree(connection, launches.slice(1)))).toEqual([
      'connection*',
      'connection* > child',
    ]);
  });

  it('ends where processes are their own ancestors', () => {
    const launches = [
      aProcess('a', 1, { uid: 'A', ...by({ uid: 'B' }) }),
      aProcess('b', 2, { uid: 'B', ...by({ uid: 'A' }) }),
      aProcess('c', 3, { uid: 'C', ...by({ uid: 'C' }) }),
    ];
    expect(draw(treeOf('a', launches))).toEqual(['b', 'b > a*']);
    expect(draw(treeOf('c', launches))).toEqual(['c*']);
  });

  it('is bounded, up, down and in all, and says so', () => {
    const chain = Array.from({ length: 100 }, (_, n) =>
      aProcess(`p${n}`, n, { uid: `${n}`, ...by({ uid: `${n - 1}` }) }),
    );
    const deep = treeOf('p50', chain);
    expect(deep.nodes).toHaveLength(2 * maxDepth + 1);
    expect(deep.isComplete).toBe(false);
    const many = Array.from({ length: 1_000 }, (_, n) =>
      aProcess(`p${n}`, 1 + n, { uid: `${n + 1}`, ...by({ uid: 'root' }) }),
    );
    const wide = buildProcessTree(aProcess('root', 0, { uid: 'root' }), many);
    expect(wide.nodes).toHaveLength(maxNodes);
    expect(wide.isComplete).toBe(false);
  });
});
