// Listens to what the transport of a client hands up, parameters of progress and results of tools,
// until the function that it gives is called, which returns them in their order. The TypeScript SDK's
// own `onprogress` would not do: it runs in a later microtask, by which time a result from the same
// read has removed it, so that the last progress is lost in the client.
export function overheard({ transport }) {
  const told = [];
  const handle = transport.onmessage;
  transport.onmessage = (message, ...rest) => {
    if (message.method === 'notifications/progress') told.push(message.params);
    else if (message.result?.content) told.push(message.result);
    handle(message, ...rest);
  };
  return () => {
    transport.onmessage = handle;
    return told;
  };
}
