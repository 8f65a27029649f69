/** A process as the record of its start, or of something that it did, tells it. */
export interface ProcessFacts {
  readonly eventId: string;
  readonly occurredAt: Date;
  readonly userName: string | null;
  /** Identifies a process for good, where the source has such a thing. */
  readonly uid: string | null;
  /** Identifies a process while it runs. */
  readonly pid: string | null;
  readonly image: string | null;
  readonly commandLine: string | null;
  readonly parent: Omit<ProcessFacts, 'eventId' | 'occurredAt' | 'userName' | 'parent'>;
}

export interface ProcessNode {
  /** The event in which the process started, or of the selected process; null: only its child tells of it. */
  readonly eventId: string | null;
  /** Place in the tree's list of the process that started it; null for the topmost one that is known. */
  readonly parent: number | null;
  readonly occurredAt: Date | null;
  readonly userName: string | null;
  readonly pid: string | null;
  readonly image: string | null;
  readonly commandLine: string | null;
  readonly isSelected: boolean;
}

export interface ProcessTree {
  /** The topmost process first, and each before those that it started. */
  readonly nodes: readonly ProcessNode[];
  /** False where the bounds left something out. */
  readonly isComplete: boolean;
}

export const maxDepth = 20;
export const maxNodes = 500;

/**
 * The processes above the selected one, and those that it started, and so on: at most 20 up, 20 down and 500 in all.
 * @param launches starts of processes on the same host, in any order
 */
export function buildProcessTree(
  selected: ProcessFacts,
  launches: readonly ProcessFacts[],
): ProcessTree {
  const host = toHost(launches);
  const own = host.find(selected, selected.occurredAt) ?? selected;
  const { above, isWhole } = findAncestors(own, host);
  const nodes = above.map((process, place) => toNode(process, place === 0 ? null : place - 1));
  nodes.push({ ...toNode(own, nodes.length === 0 ? null : nodes.length - 1), isSelected: true });
  const isComplete = addDescendants(nodes, own, host, new Set([...above, own].map(keyOf)));
  return { nodes, isComplete: isComplete && isWhole };
}

type Known = Pick<ProcessFacts, 'uid' | 'pid'>;

/** What ran on one host. */
interface Host {
  /** The start of a process that is known to have run at a time. */
  find(process: Known, at: Date): ProcessFacts | undefined;
  childrenOf(process: ProcessFacts): readonly ProcessFacts[];
}

/** Numbers of processes are used again: the latest start with one before a time is the one that is meant. */
function toHost(launches: readonly ProcessFacts[]): Host {
  const sorted = launches.toSorted((a, b) => a.occurredAt.getTime() - b.occurredAt.getTime());
  const byUid = new Map(sorted.flatMap((each) => (each.uid === null ? [] : [[each.uid, each]])));
  const byPid = Map.groupBy(sorted, ({ pid }) => pid ?? '');
  const find = ({ uid, pid }: Known, at: Date): ProcessFacts | undefined => {
    const known = uid === null ? undefined : byUid.get(uid);
    if (known) return known;
    if (pid === null) return undefined;
    const latest = byPid.get(pid)?.findLast(({ occurredAt }) => occurredAt <= at);
    // Two different identities are two processes, whatever their numbers.
    return uid !== null && latest?.uid != null ? undefined : latest;
  };
  const children = Map.groupBy(sorted, (each) => {
    const parent = find(each.parent, each.occurredAt);
    return parent && parent !== each ? keyOf(parent) : nameOf(each.parent);
  });
  return {
    find,
    childrenOf: (process) => [
      ...(children.get(keyOf(process)) ?? []),
      // A selected process whose own start nobody told of.
      ...(isNamed(process) ? (children.get(nameOf(process)) ?? []) : []),
    ],
  };
}

function keyOf({ eventId }: Pick<ProcessFacts, 'eventId'>): string {
  return eventId;
}

function isNamed({ uid, pid }: Known): boolean {
  return uid !== null || pid !== null;
}

/** Names a process whose start is not known. */
function nameOf({ uid, pid }: Known): string {
  return uid !== null ? `uid ${uid}` : `pid ${pid ?? ''}`;
}

function findAncestors(
  process: ProcessFacts,
  host: Host,
): { readonly above: readonly ProcessFacts[]; readonly isWhole: boolean } {
  const above: ProcessFacts[] = [];
  const seen = new Set([keyOf(process)]);
  let child = process;
  while (above.length < maxDepth) {
    const parent = host.find(child.parent, child.occurredAt) ?? toUnseen(child);
    if (!parent || seen.has(keyOf(parent))) return { above, isWhole: true };
    above.unshift(parent);
    seen.add(keyOf(parent));
    child = parent;
  }
  return { above, isWhole: false };
}

const nobody = { uid: null, pid: null, image: null, commandLine: null } as const;

/** A parent that only its child tells of; it has no event, and so no id. */
function toUnseen({ parent, occurredAt }: ProcessFacts): ProcessFacts | null {
  if (parent.image === null && parent.pid === null && parent.uid === null) return null;
  return { ...parent, eventId: '', occurredAt, userName: null, parent: nobody };
}

function toNode(process: ProcessFacts, parent: number | null): ProcessNode {
  const { eventId, occurredAt, userName, pid, image, commandLine } = process;
  const isSeen = eventId !== '';
  return {
    eventId: isSeen ? eventId : null,
    occurredAt: isSeen ? occurredAt : null,
    ...{ parent, userName, pid, image, commandLine, isSelected: false },
  };
}

/** Level by level, so that a bound cuts off what is furthest. Answers whether nothing was cut off. */
function addDescendants(
  nodes: ProcessNode[],
  process: ProcessFacts,
  host: Host,
  seen: Set<string>,
): boolean {
  let level = [{ process, place: nodes.length - 1 }];
  for (let depth = 0; level.length > 0; depth += 1) {
    const next: typeof level = [];
    for (const { process: parent, place } of level) {
      for (const child of host.childrenOf(parent)) {
        if (seen.has(keyOf(child))) continue;
        if (depth === maxDepth || nodes.length === maxNodes) return false;
        seen.add(keyOf(child));
        nodes.push(toNode(child, place));
        next.push({ process: child, place: nodes.length - 1 });
      }
    }
    level = next;
  }
  return true;
}
