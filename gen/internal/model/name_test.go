package model

import "testing"

func TestNamesFollowGoCustom(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, exported, unexported string }{
		{"job_id", "JobID", "jobID"},
		{"scopeAppId", "ScopeAppID", "scopeAppID"},
		{"id", "ID", "id"},
		{"user_ids", "UserIDs", "userIDs"},
		{"http_url", "HTTPURL", "httpURL"},
		{"HTTPServer", "HTTPServer", "httpServer"},
		{"elapsed_ms", "ElapsedMs", "elapsedMs"},
		{"workflow.step_completed", "WorkflowStepCompleted", "workflowStepCompleted"},
		{"dead-letter queue", "DeadLetterQueue", "deadLetterQueue"},
		{"2fa", "N2fa", "n2fa"},
		{"type", "Type", "typeValue"},
		{"ctx", "Ctx", "ctxValue"},
		{"_meta", "Meta", "meta"},
		{"größe", "Größe", "größe"},
		{"名前", "X名前", "名前"},
		{"ß", "Xß", "ß"},
		{"ǆ", "Ǆ", "ǆ"},
		{"$#", "", ""},
	}
	for _, tt := range tests {
		if got := Exported(tt.name); got != tt.exported {
			t.Errorf("Exported(%q) is %s, not %s", tt.name, got, tt.exported)
		}
		if got := Unexported(tt.name); got != tt.unexported {
			t.Errorf("Unexported(%q) is %s, not %s", tt.name, got, tt.unexported)
		}
	}
}
