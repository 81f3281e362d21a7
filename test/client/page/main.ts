/** Shows the states of a project's jobs as they come: `?api=URL&project=NAME`, and `&shared=NAME` for a connection of all tabs. */
import { createClient } from '../../../client/index.ts';

const asked = new URLSearchParams(location.search);
const sharedAs = asked.get('shared');
const client = createClient({
  url: asked.get('api') ?? '/',
  projectId: asked.get('project') ?? '',
  ...(sharedAs !== null && { sharedAs }),
});
client.onConnection(({ name }) => {
  document.body.dataset['state'] = name;
});
client.watch({
  next: ({ message, version }) => {
    const line = document.createElement('p');
    line.textContent = `${version} ${message}`;
    document.body.append(line);
  },
});
