const firstMs = 250;
const longestMs = 10_000;
/** Who ran this long was well; the next crash is a new story. */
const healthyMs = 60_000;

/** How long to wait before a crashed process is started again: doubling, up to ten seconds. */
export function nextRestartDelayMs(previousMs: number | null, ranForMs: number): number {
  if (previousMs === null || ranForMs >= healthyMs) return firstMs;
  return Math.min(previousMs * 2, longestMs);
}
