// The token stays in this page's memory; what the headers editor says goes before it.
const root = ReactDOM.createRoot(document.getElementById('graphiql'));
const token = document.getElementById('token');
const who = document.getElementById('who');
let examples = [];

function show(headers) {
  root.render(
    React.createElement(GraphiQL, {
      fetcher: GraphiQL.createFetcher({ url: '/graphql', headers: headers ?? {} }),
      // Null: the schema is asked for only by somebody who would get it.
      schema: headers ? undefined : null,
      // Until somebody changes them: the tabs of this browser come first.
      defaultTabs: examples,
      isHeadersEditorEnabled: true,
      shouldPersistHeaders: false,
    }),
  );
}

/** Says who the token stands for, or what is wrong with it, and goes on with it only if it is good. */
async function signIn() {
  const headers = { authorization: `Bearer ${token.value.trim()}` };
  const { viewer, problem } = await askViewer(headers).catch(() => ({
    problem: 'the gateway does not answer',
  }));
  who.textContent = viewer
    ? `Signed in as ${viewer.role}${viewer.provider ? ` of ${viewer.provider.name}` : ''}.`
    : `Not signed in: ${problem}`;
  who.className = viewer ? '' : 'problem';
  show(viewer ? headers : null);
}

async function askViewer(headers) {
  const answer = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query: '{ viewer { role provider { name } } }' }),
  });
  const { data, errors } = await answer.json();
  if (data?.viewer) return { viewer: data.viewer };
  const reason = errors?.[0]?.message ?? 'nobody is known by it.';
  return {
    problem: answer.status === 401 ? `${reason} It may have expired; get another.` : reason,
  };
}

document.getElementById('sign-in').addEventListener('submit', (event) => {
  event.preventDefault();
  signIn();
});

fetch('/graphiql/examples.json')
  .then((answer) => answer.json())
  .then((loaded) => {
    examples = loaded;
    show(null);
  });
