/** GraphiQL's page as `npm run build` leaves it beside the dashboard, compressed. */
export const GRAPHIQL_PAGE = 'graphiql.html.br';

/** The text in it that its options replace. */
export const GRAPHIQL_OPTIONS = '{"title":"Playhead","endpoint":"its-options"}';
