// The token stays in this page's memory; what the headers editor says goes before it.
const root = ReactDOM.createRoot(document.getElementById('graphiql'));
const token = document.getElementById('token');
let examples = [];

function show() {
  const headers = token.value ? { authorization: `Bearer ${token.value.trim()}` } : {};
  root.render(
    React.createElement(GraphiQL, {
      fetcher: GraphiQL.createFetcher({ url: '/graphql', headers }),
      // Until somebody changes them: the tabs of this browser come first.
      defaultTabs: examples,
      isHeadersEditorEnabled: true,
      shouldPersistHeaders: false,
    }),
  );
}

document.getElementById('sign-in').addEventListener('submit', (event) => {
  event.preventDefault();
  show();
});

fetch('/graphiql/examples.json')
  .then((answer) => answer.json())
  .then((loaded) => {
    examples = loaded;
    show();
  });
