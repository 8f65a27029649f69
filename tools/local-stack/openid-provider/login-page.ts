import { createHash } from 'node:crypto';
import { issuers, people, type IssuerName } from '../people.ts';

/** Stands on every page and in the metadata of every issuer. */
export const localOnlyNotice =
  'For the local stack of Vedette only: demonstration users with one shared password.';

const style = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 26rem; margin: 4rem auto; padding: 0 1rem; }
  label, select, input, button { display: block; width: 100%; box-sizing: border-box; font: inherit; }
  select, input, button { margin: 0.25rem 0 1rem; padding: 0.5rem; }
  .notice { border-left: 0.25rem solid #b45309; padding-left: 0.75rem; }
  .problem { color: #b91c1c; }
`;

/** No script, nothing from elsewhere; after the sign-in the form leads back to a loopback address. */
export const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': [
    "default-src 'none'",
    `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
    "form-action 'self' http://127.0.0.1:*",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; '),
} as const;

/** The form that asks who signs in. It is sent to the address of the page itself. */
export function toLoginPage(issuer: IssuerName, problem: string | null): string {
  const options = people
    .filter((person) => person.issuer === issuer)
    .map(({ subject, name, role }) => `<option value="${subject}">${name} (${role})</option>`);
  return toPage(
    `Sign in to ${issuers[issuer].owner}`,
    `${problem === null ? '' : `<p class="problem" role="alert">${problem}</p>`}
    <form method="post">
      <label for="subject">Who are you?</label>
      <select id="subject" name="subject">${options.join('')}</select>
      <label for="password">Password, from <code>keys/openid-provider.json</code> in the data directory</label>
      <input id="password" name="password" type="password" required autofocus>
      <button>Sign in</button>
    </form>`,
  );
}

/** Says what went wrong with a request that no application can be told about. */
export function toErrorPage(error: string, description: string): string {
  return toPage('Sign-in failed', `<p class="problem">${escape(`${error}: ${description}`)}</p>`);
}

function toPage(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>${title}</title>
    <style>${style}</style>
  </head>
  <body>
    <h1>${title}</h1>
    <p class="notice">${localOnlyNotice}</p>
    ${content}
  </body>
</html>
`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
