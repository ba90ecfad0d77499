Attribute VB_Name = "RibbonMarkbook"
Option Explicit
' One callback for each button. What a button does is said in Python (addin.actions);
' here it is only started.

Public Function MB_Command(action As String) As String
    MB_Command = "import addin.classic;addin.classic.run('" & action & "')"
End Function

Private Sub MB_Start(action As String)
    On Error GoTo failed
    If ActiveWorkbook Is Nothing Then
        MsgBox "No workbook is open. Open one, then press the button again.", vbInformation, "Markbook"
        Exit Sub
    End If
    RunPython MB_Command(action)
    Exit Sub
failed:
    MsgBox "Markbook could not start Python. Run 'markbook addin install' again. (" & Err.Description & ")", vbExclamation, "Markbook"
End Sub

Public Sub MB_targets_here(control As IRibbonControl)
    MB_Start "targets_here"
End Sub

Public Sub MB_moderate(control As IRibbonControl)
    MB_Start "moderate"
End Sub

Public Sub MB_apply(control As IRibbonControl)
    MB_Start "apply"
End Sub

Public Sub MB_issue(control As IRibbonControl)
    MB_Start "issue"
End Sub

Public Sub MB_check(control As IRibbonControl)
    MB_Start "check"
End Sub

Public Sub MB_merge(control As IRibbonControl)
    MB_Start "merge"
End Sub

Public Sub MB_chase(control As IRibbonControl)
    MB_Start "chase"
End Sub

Public Sub MB_flags_here(control As IRibbonControl)
    MB_Start "flags_here"
End Sub

Public Sub MB_groups_here(control As IRibbonControl)
    MB_Start "groups_here"
End Sub

Public Sub MB_underachieving_here(control As IRibbonControl)
    MB_Start "underachieving_here"
End Sub

Public Sub MB_praise_here(control As IRibbonControl)
    MB_Start "praise_here"
End Sub

Public Sub MB_packs(control As IRibbonControl)
    MB_Start "packs"
End Sub

Public Sub MB_help(control As IRibbonControl)
    MB_Start "help"
End Sub
