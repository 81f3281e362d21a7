/** Takes away what React Native lacks, and gives fetch its manners: no streams, a response comes when it has ended. */
const lacking = [
  'addEventListener',
  'removeEventListener',
  'BroadcastChannel',
  'crypto',
  'EventSource',
  'location',
];
for (const name of [...lacking, 'document', 'navigator', 'structuredClone', 'TextDecoderStream']) {
  delete globalThis[name];
  if (name in globalThis) Object.defineProperty(globalThis, name, { value: undefined });
}
delete Promise.withResolvers;
delete AbortSignal.any;
delete AbortSignal.timeout;
delete URL.canParse;

const send = globalThis.fetch;
globalThis.fetch = async (...args) => {
  const response = await send(...args);
  const text = await response.text();
  const { headers, status } = response;
  return { headers, status, text: async () => text, json: async () => JSON.parse(text) };
};
