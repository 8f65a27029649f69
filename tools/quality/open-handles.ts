import { z } from 'zod';

const reportShape = z.object({
  libuv: z.array(
    z.object({
      type: z.string(),
      is_active: z.boolean(),
      is_referenced: z.boolean().optional(),
      pid: z.number().optional(),
      localEndpoint: z.object({ port: z.number() }).nullish(),
      remoteEndpoint: z.object({ port: z.number() }).nullish(),
    }),
  ),
});

/**
 * Names what keeps a process alive, from the diagnostic report that Node writes on a signal: a
 * listening socket, a connection by its port, a child process, a timer.
 * @see https://nodejs.org/api/report.html
 */
export function toOpenHandles(json: string): string {
  const names = reportShape
    .parse(JSON.parse(json))
    .libuv.filter((handle) => handle.is_active && handle.is_referenced === true)
    .map(({ type, pid, localEndpoint, remoteEndpoint }) => {
      if (pid !== undefined) return `${type} ${pid}`;
      if (remoteEndpoint) return `${type} to port ${remoteEndpoint.port}`;
      return localEndpoint ? `${type} on port ${localEndpoint.port}` : type;
    });
  return [...new Set(names)].join(', ');
}
