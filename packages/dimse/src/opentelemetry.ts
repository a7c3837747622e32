// The public names of @x/dimse/opentelemetry: spans and metrics. It imports @opentelemetry/api, which no other door does.

export { type OpenTelemetryOptions, observeWithOpenTelemetry } from './opentelemetry/observe.ts';
