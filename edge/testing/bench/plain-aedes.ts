/** The peer of the ingest bench: aedes as it comes, nothing kept, on the port of its argument. */
import { createServer } from 'node:net';
import process from 'node:process';
import { Aedes } from 'aedes';

const broker = await Aedes.createBroker();
createServer(broker.handle).listen(Number(process.argv[2]), '127.0.0.1');
