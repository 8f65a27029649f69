import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'graphql';
import { startTestNats } from '@vedette/testkit';
import type { TestNats } from '@vedette/testkit';
import { startProduct } from './testing/product.ts';
import type { Product } from './testing/product.ts';
import { startTestGateway } from './testing/test-gateway.ts';
import type { TestGateway } from './testing/test-gateway.ts';

let nats: TestNats;
let product: Product;
let gateway: TestGateway;

beforeAll(async () => {
  nats = await startTestNats();
  product = await startProduct();
});
afterEach(() => gateway.stop());
afterAll(async () => {
  await product.stop();
  await nats.stop();
});

async function serve(GRAPHIQL: boolean): Promise<void> {
  gateway = await startTestGateway(product, nats.url, { GRAPHIQL });
}

const get = (path: string) => fetch(`${gateway.url}${path}`);

describe('GraphiQL', () => {
  it('is not there unless it is asked for', async () => {
    await serve(false);
    for (const path of ['/graphiql', '/graphiql/page.js', '/graphiql/react.js']) {
      expect((await get(path)).status).toBe(404);
    }
  });

  it('is served whole, with nothing from another host', async () => {
    await serve(true);
    const page = await get('/graphiql');
    const html = await page.text();
    expect([page.status, page.headers.get('content-type')]).toEqual([
      200,
      'text/html; charset=utf-8',
    ]);
    expect(html).not.toMatch(/https?:|\/\/[a-z]/);
    const parts = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path);
    expect(parts).toHaveLength(7);
    for (const path of parts) {
      const part = await get(path);
      expect([path, part.status]).toEqual([path, 200]);
      expect(part.headers.get('content-type')).toMatch(
        /^(text\/(css|javascript)|image\/svg\+xml); charset=utf-8$/,
      );
      const text = await part.text();
      expect(text.length).toBeGreaterThan(100);
      expect([path, text.includes('sourceMappingURL')]).toEqual([path, false]);
      // What a browser would fetch for a style sheet by itself.
      const isSheet = path.endsWith('.css');
      expect([path, isSheet && /@import|url\((?!data:)/.test(text)]).toEqual([path, false]);
    }
  });

  it('is the same page with a slash at its end', async () => {
    await serve(true);
    const [page, withSlash] = [await get('/graphiql'), await get('/graphiql/')];
    expect([withSlash.status, await withSlash.text()]).toEqual([200, await page.text()]);
  });

  it('opens with operations, one a tab, each with a name and a line that says what it answers', async () => {
    await serve(true);
    const examples = (await (await get('/graphiql/examples.json')).json()) as { query: string }[];
    expect(examples.length).toBeGreaterThanOrEqual(5);
    for (const { query } of examples) {
      expect(query).toMatch(/^# .+\n/);
      const operations = parse(query).definitions;
      expect(operations).toHaveLength(1);
      expect(operations[0]).toMatchObject({ name: { value: expect.any(String) } });
    }
  });

  it('lets the page run nothing and ask nobody but us', async () => {
    await serve(true);
    const { headers } = await get('/graphiql');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("connect-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/https?:|\*/);
    expect(await (await get('/graphiql')).text()).not.toMatch(/<script>|onload=|style=/);
  });

  it('says where to get a token', async () => {
    await serve(true);
    expect(await (await get('/graphiql')).text()).toContain('./vedette token');
  });
});
