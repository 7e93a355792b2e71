import { WebSocket } from 'ws';

// A client in a process of its own, which a test can stop by a signal. It writes to stdout when it
// has opened, and with which code it closed.
const [url = '', ...protocols] = process.argv.slice(2);
const socket = new WebSocket(url, protocols, { perMessageDeflate: false });
socket.once('message', () => process.stdout.write('open\n'));
socket.on('error', (error) => process.stdout.write(`error ${error.message}\n`));
socket.on('close', (code) => process.stdout.write(`closed ${code}\n`));
