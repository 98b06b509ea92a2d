// Package programs is small programs of the kind that users write, each in a file of its own.
package programs

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/xraph/dispatch/client"
)

// Report is the payload of a job.
type Report struct {
	Month string `json:"month"`
}

var makeReport = client.NewTask[Report]("report")

// ReportHandler enqueues a report for each request, and answers when the report has been made.
func ReportHandler(c client.JobClient) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 30*time.Second)
		defer cancel()
		result, err := makeReport.Enqueue(ctx, c, Report{Month: r.FormValue("month")})
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		job, err := makeReport.Await(ctx, c, result.JobID)
		if failed, ok := errors.AsType[*client.JobError](err); ok {
			http.Error(w, failed.Job.LastError, http.StatusBadGateway)
			return
		}
		if err != nil { // the job goes on
			http.Error(w, err.Error()+"; the job is "+result.JobID, http.StatusGatewayTimeout)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"job": job.ID}) // or the caller has gone
	}
}
