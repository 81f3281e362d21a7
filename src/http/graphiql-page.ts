/** GraphiQL's page, compressed, as `npm run build` puts it beside the dashboard. */
export const GRAPHIQL_PAGE = 'graphiql.html.br';

/** The placeholder in it for its options. */
export const GRAPHIQL_OPTIONS = '{"title":"Playhead","endpoint":"its-options"}';
