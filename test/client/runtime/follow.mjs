/**
 * Starts a job and follows it to its end, in whatever runtime this is run by. Prints a line for each state of the connection
 * and for each message of the job, then how it ended. Arguments: the client's module, the server, the project, and the
 * transports, if not all of them.
 */
const [module, url, projectId, transports] = process.argv.slice(2);
const { createClient } = await import(module);
const client = createClient({ url, projectId, ...(transports && { transports: transports.split(',') }) });
const ignoreConnection = client.onConnection(({ name, transport }) => console.log(`${name}: ${transport}`));
const run = client.follow(await client.start('WRITER', { brief: 'A film about bees' }));
console.log(`id ${(await client.jobs()).jobs[0].id}`);
for await (const job of run) console.log(`message: ${job.message}`);
ignoreConnection();
await run.result.catch(({ code }) => console.log(`ended: ${code}`));
client.close();
