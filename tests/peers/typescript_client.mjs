// The TypeScript SDK's client drives examples/tour over stdio and HTTP, in both eras.
// usage: node typescript_client.mjs PATH-OF-TOUR [http]
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { check, finish } from './check.mjs';
import { overheard } from './overheard.mjs';

const [tour, over] = process.argv.slice(2);
const eras = [
  { name: 'session era', mode: 'legacy', modern: false },
  { name: 'stateless era', mode: { pin: '2026-07-28' }, modern: true },
  { name: 'probed', mode: 'auto', modern: true },
];

// A transport to a fresh tour, and what ends it.
async function start() {
  if (over !== 'http') {
    const transport = new StdioClientTransport({ command: tour, args: [], stderr: 'ignore' });
    return { transport, stop: () => {} };
  }
  const server = spawn(tour, ['--http', '127.0.0.1:0'], { stdio: ['ignore', 'ignore', 'pipe'] });
  for await (const line of createInterface({ input: server.stderr })) {
    const url = line.match(/listening on (\S+)/)?.[1];
    if (!url) continue;
    const ended = new Promise((resolve) => server.on('exit', resolve));
    const stop = async () => {
      server.kill('SIGTERM');
      await check('SIGTERM ends the server in order', async (assert) => assert.equal(await ended, 0));
    };
    return { transport: new StreamableHTTPClientTransport(new URL(url)), stop };
  }
  throw new Error('the server does not listen');
}

// Resolves with the first notification of this method that arrives from now on.
function next(client, method) {
  return new Promise((resolve) => client.setNotificationHandler(method, resolve));
}

for (const era of eras) {
  const client = new Client(
    { name: 'typescript-peer', version: '1.0.0' },
    {
      capabilities: { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} },
      versionNegotiation: { mode: era.mode },
    },
  );
  const asked = [];
  client.setRequestHandler('elicitation/create', async (request) => {
    asked.push(request.params.message);
    return { action: 'accept', content: { confirmed: true } };
  });
  client.setRequestHandler('sampling/createMessage', async (request) => ({
    model: 'peer-model',
    role: 'assistant',
    content: { type: 'text', text: `Summary of: ${request.params.messages[0].content.text}` },
  }));
  client.setRequestHandler('roots/list', async () => ({
    roots: [{ uri: 'file:///home/ada/project', name: 'project' }],
  }));
  const { transport, stop } = await start();
  await client.connect(transport);

  await check(`${era.name}: the negotiated era`, (assert) => {
    assert.equal(client.getProtocolEra(), era.modern ? 'modern' : 'legacy');
    assert.equal(client.getServerVersion().name, 'tour');
  });
  await check(`${era.name}: tools are listed in order, with their schemas`, async (assert) => {
    const { tools } = await client.listTools();
    assert.deepEqual(
      tools.map((tool) => tool.name),
      ['add', 'count', 'wait', 'delete_table', 'summarize', 'list_roots', 'touch_note', 'offer_extra'],
    );
    assert.deepEqual(tools[0].inputSchema.required, ['a', 'b']);
    assert.equal(tools[0].outputSchema.properties.sum.type, 'number');
  });
  await check(`${era.name}: a typed tool answers with structured content`, async (assert) => {
    const result = await client.callTool({ name: 'add', arguments: { a: 2, b: 40 } });
    assert.deepEqual(result.structuredContent, { sum: 42 });
  });
  await check(`${era.name}: a wrong argument is a tool error that names its path`, async (assert) => {
    const result = await client.callTool({ name: 'add', arguments: { a: 'two', b: 40 } });
    assert.equal(result.isError, true);
    assert.match(result.content[0].text, /\/a\b/);
  });
  await check(`${era.name}: an unknown tool is refused with -32602`, async (assert) => {
    await assert.rejects(client.callTool({ name: 'nothing', arguments: {} }), { code: -32602 });
  });
  await check(`${era.name}: progress arrives before the result`, async (assert) => {
    const told = overheard(client);
    const result = await client.callTool({ name: 'count', arguments: { to: 3 } }, { onprogress: () => {} });
    assert.deepEqual(
      told().map((part) => (part.content ? 'result' : [part.progress, part.total])),
      [[1, 3], [2, 3], [3, 3], 'result']);
    assert.equal(result.content[0].text, 'counted to 3');
  });
  await check(`${era.name}: a question is asked and its answer used`, async (assert) => {
    asked.length = 0;
    const result = await client.callTool({ name: 'delete_table', arguments: { table: 'orders' } });
    assert.deepEqual(asked, ['Really drop orders?']);
    assert.equal(result.content[0].text, 'Dropped orders.');
  });
  await check(`${era.name}: sampling`, async (assert) => {
    const result = await client.callTool({ name: 'summarize', arguments: { text: 'a long story' } });
    assert.equal(result.content[0].text, 'peer-model: Summary of: a long story');
  });
  await check(`${era.name}: roots`, async (assert) => {
    const result = await client.callTool({ name: 'list_roots', arguments: {} });
    assert.equal(result.content[0].text, 'file:///home/ada/project');
  });
  await check(`${era.name}: cancelling a call reaches its handler`, async (assert) => {
    const controller = new AbortController();
    const call = client.callTool(
      { name: 'wait', arguments: { seconds: 600 } },
      { signal: controller.signal, onprogress: () => controller.abort('enough') },
    );
    await assert.rejects(call);
    // The handler counts the waits that were cancelled: the resource tells.
    for (;;) {
      const { contents } = await client.readResource({ uri: 'tour://cancelled' });
      if (contents[0].text === '1') break;
    }
  });
  await check(`${era.name}: resources, templates, prompts, completion`, async (assert) => {
    const { resources } = await client.listResources();
    assert.ok(resources.some((resource) => resource.uri === 'note://today'));
    const { resourceTemplates } = await client.listResourceTemplates();
    assert.equal(resourceTemplates[0].uriTemplate, 'note://{day}');
    const { contents } = await client.readResource({ uri: 'note://yesterday' });
    assert.deepEqual(contents, [{ uri: 'note://yesterday', mimeType: 'text/plain', text: 'Nothing was noted yesterday.' }]);
    // In the session era the server sends -32002; this client shows the newer code for both.
    await assert.rejects(client.readResource({ uri: 'nowhere://at/all' }), { code: -32602 });
    const { prompts } = await client.listPrompts();
    assert.equal(prompts[0].name, 'greet');
    const prompt = await client.getPrompt({ name: 'greet', arguments: { who: 'Ada' } });
    assert.equal(prompt.messages[0].content.text, 'Greet Ada warmly.');
    const { completion } = await client.complete({
      ref: { type: 'ref/prompt', name: 'greet' },
      argument: { name: 'who', value: 'A' },
    });
    assert.deepEqual(completion.values, ['Ada', 'Alan']);
  });
  await check(`${era.name}: a subscription delivers the update and the list change`, async (assert) => {
    let subscription;
    if (era.modern) {
      subscription = await client.listen({ toolsListChanged: true, resourceSubscriptions: ['note://today'] });
      assert.deepEqual(subscription.honoredFilter, {
        toolsListChanged: true,
        resourceSubscriptions: ['note://today'],
      });
    } else {
      await client.subscribeResource({ uri: 'note://today' });
    }
    const updated = next(client, 'notifications/resources/updated');
    await client.callTool({ name: 'touch_note', arguments: { text: 'Buy milk.' } });
    assert.equal((await updated).params.uri, 'note://today');
    const { contents } = await client.readResource({ uri: 'note://today' });
    assert.equal(contents[0].text, 'Buy milk.');

    const changed = next(client, 'notifications/tools/list_changed');
    await client.callTool({ name: 'offer_extra', arguments: {} });
    await changed;
    const { tools } = await client.listTools();
    assert.equal(tools.at(-1).name, 'extra');
    if (subscription) {
      await subscription.close();
      assert.equal(await subscription.closed, 'local');
    }
  });
  if (!era.modern) {
    await check(`${era.name}: ping and the logging level`, async (assert) => {
      assert.deepEqual(await client.ping(), {});
      await client.setLoggingLevel('debug');
    });
  }
  await client.close();
  await stop();
}
finish();
