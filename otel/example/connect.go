package main

import (
	"context"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	exporter "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/metric"

	"github.com/xraph/dispatch/client"
	dispatchotel "github.com/xraph/dispatch/otel"
)

// connect returns a client and the handler that serves its metrics to Prometheus.
func connect(ctx context.Context, url, token string) (*client.Client, http.Handler, error) {
	registry := prometheus.NewRegistry()
	reader, err := exporter.New(exporter.WithRegisterer(registry))
	if err != nil {
		return nil, nil, err
	}
	telemetry, err := dispatchotel.NewInterceptor(url,
		dispatchotel.WithMeterProvider(metric.NewMeterProvider(metric.WithReader(reader))))
	if err != nil {
		return nil, nil, err
	}
	c, err := client.DialContext(ctx, url, client.WithToken(token), client.WithInterceptors(telemetry))
	if err != nil {
		return nil, nil, err
	}
	return c, promhttp.HandlerFor(registry, promhttp.HandlerOpts{}), nil
}
