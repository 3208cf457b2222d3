import { expose, transferHandlers, wrap } from 'comlink';

/*
 * What comlink does not send by itself, as arguments and as results: functions, which are called where they were made, and abort
 * signals. Importing this is enough, at both ends. Each function and signal costs a channel that lasts until it is collected, so
 * requests of which there are thousands are better numbered (`EngineService`).
 */
transferHandlers.set('function', {
	canHandle: (value): value is () => unknown => typeof value === 'function',
	serialize: (value: () => unknown) => {
		const { port1, port2 } = new MessageChannel();
		expose(value, port1);
		return [port2, [port2]];
	},
	deserialize: (port: MessagePort) => {
		port.start();
		return wrap(port) as unknown as () => unknown;
	}
});

transferHandlers.set('abort signal', {
	canHandle: (value): value is AbortSignal => value instanceof AbortSignal,
	serialize: (signal: AbortSignal) => {
		const { port1, port2 } = new MessageChannel();
		const send = () => port1.postMessage('abort');
		if (signal.aborted) send();
		else signal.addEventListener('abort', send, { once: true });
		return [port2, [port2]];
	},
	deserialize: (port: MessagePort) => {
		const controller = new AbortController();
		port.onmessage = () => {
			controller.abort();
			port.close();
		};
		return controller.signal;
	}
});
