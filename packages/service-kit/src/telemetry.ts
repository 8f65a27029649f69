import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Attributes, Context, Span } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { toError } from './errors.ts';

const tracer = trace.getTracer('vedette');

/**
 * Turns tracing on for this process, once. Spans are made by hand: full auto-instrumentation cost
 * about eight times an empty handler. Without `otlpEndpoint` spans exist (so that logs and errors
 * carry trace ids and traces cross the bus) but none leaves the process.
 */
export async function startTelemetry(options: {
  readonly service: string;
  readonly otlpEndpoint?: string;
}): Promise<{ stop(): Promise<void> }> {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': `vedette-${options.service}` }),
    spanProcessors: options.otlpEndpoint ? [await createExporter(options.otlpEndpoint)] : [],
  });
  trace.setGlobalTracerProvider(provider);
  return { stop: () => provider.shutdown() };
}

async function createExporter(endpoint: string): Promise<BatchSpanProcessor> {
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
  return new BatchSpanProcessor({
    exporter: new OTLPTraceExporter({ url: new URL('v1/traces', `${endpoint}/`).href }),
  });
}

interface SpanOptions {
  readonly kind?: keyof typeof SpanKind;
  readonly attributes?: Attributes;
  /** Headers of the message or request that caused this; their trace is continued. */
  readonly causedBy?: Readonly<Record<string, string>>;
}

/** Runs `work` in a span of its own; a thrown error marks the span and is thrown on. */
export async function withSpan<T>(
  name: string,
  options: SpanOptions,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const parent: Context = options.causedBy
    ? propagation.extract(context.active(), options.causedBy)
    : context.active();
  const span = tracer.startSpan(
    name,
    { kind: SpanKind[options.kind ?? 'INTERNAL'], attributes: options.attributes ?? {} },
    parent,
  );
  try {
    return await context.with(trace.setSpan(parent, span), () => work(span));
  } catch (error) {
    span.recordException(toError(error));
    span.setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
}

/** The active trace as headers (`traceparent`), to be sent with a request or message. */
export function traceHeaders(): Record<string, string> {
  const headers: Record<string, string> = {};
  propagation.inject(context.active(), headers);
  return headers;
}

/** The id that a caller can quote to an operator; empty outside of any span. */
export function activeTraceId(): string {
  return trace.getActiveSpan()?.spanContext().traceId ?? '';
}
