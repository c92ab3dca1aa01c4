/** The peer of the ingest bench: aedes as it comes, nothing kept. Prints its port. */
import { createServer, type AddressInfo } from 'node:net';
import process from 'node:process';
import { Aedes } from 'aedes';

const broker = await Aedes.createBroker();
const server = createServer(broker.handle);
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
